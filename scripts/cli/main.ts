import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT, exitHelp, exitOf } from './commands/exit.ts'
import { offeredAddons, readAddons } from './database/addons.ts'
import { ALERT_KINDS } from '../../console/answers.ts'
import { HintedError } from './hinted_error.ts'
import { version } from './place.ts'
import { plain } from './terminal/plain.ts'
import type { Deps } from './deps.ts'
import { secretsOf, withoutSecrets } from './without_secrets.ts'

/** Runs `supaqueue <args>` and returns the exit code. What goes wrong is told in words, whatever it is. */
export async function main(args: string[], given: Deps): Promise<number> {
  const known = secretsOf(args, given.env)
  const hushed = (text: string) => withoutSecrets(text, known)
  const deps: Deps = { ...given, note: (line) => given.note(hushed(line)) }
  let code: number = EXIT.done
  const json = args.includes('--json')
  // What the parser complains of is told in the form of all errors.
  let misread = ''
  const program = describe(deps, (exit) => code = exit, (text) => misread += text)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (reason) {
    if (reason instanceof CommanderError) {
      if (reason.exitCode === 0) return EXIT.done
      // Asked for help on what is not there, the parser would print the help of all.
      const [, unknown] = args[0] === 'help' ? args : []
      if (unknown !== undefined) tell(misunderstood(`unknown command '${unknown}'`, 'supaqueue'), deps, json, hushed)
      else if (reason.code === 'commander.help') deps.note(misread.trimEnd())
      else tell(misunderstood(misread, nameOf(program, args)), deps, json, hushed)
      return EXIT.usage
    }
    const error = reason instanceof HintedError ? reason : unexpected(reason)
    tell(error, deps, json, hushed)
    if (error !== reason && deps.env.SUPAQUEUE_DEBUG) deps.note(String((reason as Error).stack))
    return exitOf(error)
  }
}

/** All commands, in the order of the help. */
export const commands = (): readonly Command[] => describe(undefined as never, () => {}, () => {}).commands

/** An error in its one form: two lines, or one object. No password is in it. */
function tell(error: HintedError, deps: Deps, json: boolean, hushed: (text: string) => string): void {
  const [code, message, hint] = [error.code, error.message, error.hint].map(hushed)
  if (json) return deps.say(JSON.stringify({ error: { code, message, hint, exit: exitOf(error) } }))
  deps.note(plain(`${code}: ${message}`))
  deps.note(plain(`What to do: ${hint}`))
}

/** The parser's first line is what is wrong; the next one is a guess at what was meant. */
function misunderstood(text: string, name: string): HintedError {
  const [message = '', guess] = text.trim().replace(/^error: /, '').split('\n')
  return new HintedError('SQ422', message, guess ? guess.replace(/^\((.*)\)$/, '$1') : `See pnpm ${name} --help.`)
}

const nameOf = (program: Command, [first]: string[]): string =>
  program.commands.some((command) => command.name() === first) ? `supaqueue ${first}` : 'supaqueue'

/** What nobody has thought of. The stack is for those who look for the cause, not for those who only met it. */
function unexpected(reason: unknown): HintedError {
  const { message, code, hint } = reason as Error & { code?: unknown; hint?: string }
  return new HintedError(
    'SQ500',
    typeof code === 'string' ? `${message} (${code})` : String(message ?? reason),
    `${
      hint ? `${hint} ` : ''
    }What was done before stays done. For the place in the program: SUPAQUEUE_DEBUG=1 before the command.`,
  )
}

type Work = (options: never, deps: Deps) => Promise<number>

/** The commands that are named in what others say: copied from there, they are to find the same project. */
const locally = (deps: Deps): Deps => ({
  ...deps,
  say: (line) => deps.say(line.replace(/\bpnpm supaqueue (job|bulk|undo|retry-failed)(?= )/g, '$& --local')),
})

function describe(deps: Deps, ended: (code: number) => void, printError: (text: string) => void): Command {
  const program = new Command('supaqueue')
    .description('A job queue inside your Supabase project that calls your edge functions.')
    .version(version)
    .addHelpText('after', environmentHelp + exitHelp)
    .configureOutput({
      writeOut: (text) => deps.say(text.trimEnd()),
      writeErr: printError,
      getOutHelpWidth: () => deps.screen?.columns ?? 80,
      getErrHelpWidth: () => 80,
    })
    .exitOverride()

  // Loaded once it is known which one is wanted: help, and a look at the queues, must not wait for the installer.
  const run = (load: () => Promise<Work>) => async (options: unknown) => {
    const { local, json } = options as { local?: boolean; json?: boolean }
    // What programs read is data, whatever stands in it.
    ended(await (await load())(options as never, local && !json ? locally(deps) : deps))
  }
  const runWith = (load: () => Promise<Work>, ...names: string[]) => async (...given: unknown[]) =>
    await run(load)({
      ...given[names.length] as object,
      ...Object.fromEntries(names.map((name, i) => [name, given[i]])),
    })

  const addons = () =>
    new Option('--with <names>', `add-ons to install along, with commas between: ${offeredAddons().join(', ')}`)
      .argParser(readAddons)
  const proof = () => new Option('--proof-seconds <n>', 'how long the test job may take').argParser(seconds).default(30)

  program.command('init').argument('[folder]', 'of the project, if it is not this one')
    .description(
      'write supaqueue into the files of your project: migration, function, configuration, secret, a first queue',
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'name the files, and write none')
    .option('--copy', 'put the sources of the dispatcher into the project, in place of an import of the package')
    .option('--no-example', 'without a first queue and its function')
    .option('--no-expose', 'leave the exposed schemas of the Data API alone')
    .option('--replace <function>', 'an edge function of your own that ours may replace (may be repeated)', gather, [])
    .option('--project-ref <ref>', 'the hosted project: the migration then says where its functions answer')
    .option('--functions-url <url>', 'where its functions answer, if not https://<ref>.supabase.co/functions/v1')
    .addOption(addons())
    .action(runWith(async () => (await import('./commands/init.ts')).init, 'folder'))

  installing(program.command('install'))
    .description('put supaqueue into a project, and prove that a job makes the round trip')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .option('--into <path>', 'write a migration, the function and its configuration into the project at <path> instead')
    .option('--replace <function>', 'an edge function of your own that ours may replace (may be repeated)', gather, [])
    .option('--from-published', 'take over queues, workers and waiting jobs of the supaqueue published in 2024')
    .addOption(
      new Option('--drain-seconds <n>', 'with --from-published: how long its jobs in progress may take to end')
        .argParser(seconds).default(60),
    )
    .option(
      '--worker-role <name>',
      'make a login role that may take turns and nothing else, for `work`; its password: SUPAQUEUE_WORKER_PASSWORD, or asked for',
    )
    .option('--begin-again', 'with --from-published: begin jobs once more that are in progress even then')
    .addOption(addons())
    .addOption(proof())
    .action((options: { into?: string }) =>
      options.into
        ? run(async () => (await import('./commands/into.ts')).writeInto)(options)
        : run(async () => (await import('./commands/install.ts')).install)(options)
    )

  installing(program.command('upgrade'))
    .description('bring an installation to this release')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .addOption(proof())
    .action(run(async () => (await import('./commands/upgrade.ts')).upgrade))

  installing(program.command('remove'))
    .description('take supaqueue out of a project')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .option('--keep-data', 'leave the tables and their rows')
    .option('--also-drop <name>', 'of your own, what may go along (may be repeated)', gather, [])
    .action(run(async () => (await import('./commands/remove.ts')).remove))

  targeted(program.command('doctor'))
    .description('look at every link of the chain')
    .option('--json', 'for programs')
    .option('--no-expose', 'the schema is not to be exposed')
    .addOption(proof())
    .action(run(async () => (await import('./commands/doctor.ts')).doctor))

  targeted(program.command('rotate-secret'))
    .description('make a new secret while everything goes on')
    .option('--yes', 'do not ask')
    .addOption(new Option('--overlap-seconds <n>', 'how long both are good').argParser(seconds).default(20))
    .action(run(async () => (await import('./commands/rotate_secret.ts')).rotateSecret))

  targeted(program.command('status'))
    .description('show the queues')
    .option('--json', 'for programs; with --watch a line each time')
    .option('--watch', 'again and again, until Ctrl-C')
    .addOption(new Option('--every-seconds <n>', 'how often, with --watch').argParser(interval).default(2))
    .action(run(async () => (await import('./commands/status.ts')).status))

  targeted(program.command('job').argument('<id>', 'its number', number))
    .description('show the story of a job, and why it waits')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/job.ts')).job, 'id'))

  targeted(program.command('failures'))
    .description('show what jobs failed of, how often, and what to do about it')
    .option('--queue <name>', 'of one queue only')
    .option('--json', 'for programs')
    .action(run(async () => (await import('./commands/failures.ts')).failures))

  targeted(program.command('alerts'))
    .description('show the rules of alerts, which of them fire, and what was told last')
    .option('--json', 'for programs')
    .action(run(async () => (await import('./commands/alerts.ts')).alerts))

  targeted(
    program.command('set-alert').argument('<name>', 'of the rule')
      .addArgument(new Argument('<kind>', 'what is watched').choices(ALERT_KINDS))
      .argument('<threshold>', 'above this it fires: seconds, a share from 0 to 1, or a number of jobs', threshold)
      .argument('<notify>', 'the queue that gets a job when it fires, and when that is over'),
  )
    .description('make an alert rule, or replace the one of the same name')
    .option('--queue <name>', 'the queue that is watched; else each of them')
    .addOption(
      new Option('--clear-below <n>', 'over once it is not above this; else the threshold').argParser(threshold),
    )
    .option('--raise-after <interval>', "how long it must last before anybody is told; else '1 minute'")
    .option('--clear-after <interval>', "how long it must be well before that is told; else '5 minutes'")
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).setAlert, 'name', 'kind', 'threshold', 'notify'))

  for (const [verb, enabled] of [['enable', true], ['disable', false]] as const) {
    targeted(program.command(`${verb}-alert`).argument('<name>', 'of the rule'))
      .description(enabled ? 'switch an alert rule on' : 'switch an alert rule off: it tells nobody')
      .option('--json', 'for programs')
      .action((name: string, options: object) =>
        run(async () => (await import('./commands/acts.ts')).enableAlert)({ ...options, name, enabled })
      )
  }

  targeted(program.command('delete-alert').argument('<name>', 'of the rule'))
    .description('take an alert rule away')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).deleteAlert, 'name'))

  targeted(
    program.command('hooks').addArgument(
      new Argument('[action]', 'adopt: what puts hooks in the place of Database Webhooks').choices(['adopt']),
    ),
  )
    .description('show the hooks of tables: what each has made lately, what is wrong, how far backfills are')
    .option('--apply', 'with adopt: make the queues and hooks, and switch the webhooks off')
    .option('--yes', 'do not ask')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/hooks.ts')).hooks, 'action'))

  targeted(program.command('pause-hook').argument('<name>', 'of the hook'))
    .description('pause a hook: changes made meanwhile never become jobs')
    .option('--reason <text>', 'shown with it')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).pauseHook, 'name'))

  targeted(program.command('resume-hook').argument('<name>', 'of the hook'))
    .description('have a hook capture again')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).resumeHook, 'name'))

  targeted(program.command('backfill').argument('<hook>', 'its name'))
    .description('make jobs of the rows that are there already, a few at a time')
    .option('--where <condition>', "SQL over the row, such as 'new.id > 100'; else all rows")
    .addOption(new Option('--rate <n>', 'rows a second, at most; else 100').argParser(rate))
    .option('--any-order', 'also where an older state of a row may come after a newer one')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).backfill, 'hook'))

  for (const [verb, running] of [['cancel', false], ['resume', true]] as const) {
    targeted(program.command(`${verb}-backfill`).argument('<id>', 'the number that it was given', number))
      .description(
        running ? 'have a backfill go on where it stopped' : 'stop a backfill; the jobs that it has made stay',
      )
      .option('--json', 'for programs')
      .action((id: string, options: object) =>
        run(async () => (await import('./commands/acts.ts')).switchBackfill)({ ...options, id, running })
      )
  }

  targeted(program.command('replay').argument('<hook>', 'its name').argument('<since>', 'a time'))
    .description('send once more what a hook has sent since then')
    .option('--until <time>', 'and before this time; else until now')
    .addOption(new Option('--most <n>', 'how many at most, the oldest first; else 1000').argParser(integer))
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).replay, 'hook', 'since'))

  const meaning = (command: Command) =>
    command
      .option('--queue <name>', 'of one queue only')
      .option('--fingerprint <text>', 'that failed of this, as `failures` says it')
      .option('--error <text>', 'whose error contains this, in upper or lower case')
      .option('--payload <json>', 'whose payload contains this')
      .option('--where <path>', "whose payload fits a predicate of SQL/JSON, such as '$.amount > 100'")
      .option('--since <time>', 'that failed then or later')
      .option('--until <time>', 'that failed before')
      .addOption(new Option('--most <n>', 'how many at most, the newest first: a few to try').argParser(integer))
      .option('--yes', 'do not ask')
      .option('--dry-run', 'only say how many')
      .option('--json', 'for programs')

  meaning(targeted(program.command('retry-failed')))
    .description('put failed jobs back: those of a queue, of a cause, or all that match')
    .addOption(new Option('--per-second <n>', 'how many become due in a second; else all at once').argParser(rate))
    .action(run(async () => (await import('./commands/failed.ts')).retryFailed))

  meaning(targeted(program.command('discard-failed')))
    .description(
      'discard failed jobs, so that they no longer count as failures: those of a queue, of a cause, or all that match',
    )
    .action(run(async () => (await import('./commands/failed.ts')).discardFailed))

  targeted(program.command('bulk').argument('<action>', 'the number that it was given', number))
    .description('show how far a retry-failed or discard-failed is, and how its jobs are doing')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/failed.ts')).bulk, 'action'))

  targeted(program.command('undo').argument('<action>', 'the number that it was given', number))
    .description('take a retry-failed or discard-failed back, as far as its jobs have not begun')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/failed.ts')).undo, 'action'))

  targeted(program.command('enqueue').argument('<queue>', 'its name').argument('[payload]', 'JSON', '{}'))
    .description('put a job into a queue')
    .option('--delay <interval>', "not before this long from now, such as '10 minutes'")
    .addOption(new Option('--priority <n>', 'higher first').argParser(integer))
    .option('--dedupe-key <key>', 'refused while another job of the queue has the same')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).enqueue, 'queue', 'payload'))

  targeted(
    program.command('create-queue').argument('<name>', 'its name').argument(
      '[function]',
      'what it calls; else its namesake',
    ),
  )
    .description('make a queue with its workers, or change it')
    .addOption(new Option('--workers <n>', 'how many calls at once').argParser(integer))
    .addOption(
      new Option('--max-rps <n>', 'how many jobs are begun in a second; a fraction is slower than one').argParser(
        rate,
      ),
    )
    .addOption(new Option('--max-attempts <n>', 'how often a job is begun before it is failed').argParser(integer))
    .addOption(new Option('--timeout-ms <n>', 'how long a call may take').argParser(integer))
    .option('--url <url>', 'what is called instead of a function')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).createQueue, 'name', 'function'))

  targeted(program.command('pause').argument('<queue>', 'its name'))
    .description('begin no more jobs of a queue; new ones are taken in')
    .option('--for <interval>', "for this long, such as '1 hour'; else until it is resumed")
    .option('--reason <text>', 'shown to whoever looks')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).pause, 'queue'))

  targeted(program.command('resume').argument('<queue>', 'its name'))
    .description('have a paused queue go on')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).resume, 'queue'))

  targeted(program.command('adopt'))
    .description('have a copy of a project (a restore, a clone, a branch) send its jobs, after a look at how many wait')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what waits')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).adopt))

  targeted(program.command('retry').argument('<id>', 'its number', number))
    .description('begin a job anew that has ended')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).retry, 'id'))

  targeted(program.command('cancel').argument('<id>', 'its number', number))
    .description('take a job back; a call that is under way cannot be stopped')
    .option('--json', 'for programs')
    .action(runWith(async () => (await import('./commands/acts.ts')).cancel, 'id'))

  program.command('types')
    .description('print the types of the schema supaqueue for supabase-js')
    .action(run(async () => (await import('./commands/types.ts')).types))

  targeted(program.command('console'))
    .summary('serve a page that shows the queues')
    .description('serve a page on this machine that shows the queues, and lets you act on them; stays until Ctrl-C')
    .addOption(
      new Option('--embedded', 'start a project on this machine along with it, as dev does, with queues to look at')
        .conflicts(['dbUrl', 'local', 'projectRef']),
    )
    .option('--read-only', 'only look')
    .option('--person <name>', 'who you are, for the audit of who did what; else your login on this machine')
    .addOption(new Option('--port <n>', 'of the page; 0 for any that is free').argParser(port(0, 65_535)).default(4400))
    .action(run(async () => (await import('./commands/console.ts')).console))

  program.command('work')
    .summary('serve queues from a process that stays')
    .description(
      'serve queues from a process that stays, over a connection of its own, until it is ended: calls their functions and ' +
        'URLs as the edge function does, which stays asleep meanwhile, and takes over when this ends',
    )
    .option(
      '--db-url <url>',
      'the database, in session mode (may be repeated); else SUPAQUEUE_DB_URL, SUPAQUEUE_DB_URL_2, ...',
      gather,
    )
    .option('--queue <name>', 'of this queue only (may be repeated); else of all', gather, [])
    .addOption(
      new Option('--concurrency <n>', 'how many calls of one queue at once, at most').argParser(count(1, 500)).default(
        100,
      ),
    )
    .addOption(
      new Option('--connections <n>', 'by how many connections turns are taken, at most, of each database')
        .argParser(count(1, 50)).default(4),
    )
    .addOption(
      new Option('--port <n>', 'where /health and /metrics are; 0 for any that is free').argParser(port(0, 65_535)),
    )
    .option('--host <address>', 'at which address of this machine, with --port', '127.0.0.1')
    .option('--insecure-tls', 'connect to whoever answers at --db-url, without checking the certificate')
    .addHelpText('after', workHelp)
    .action(run(async () => (await import('./commands/work.ts')).work))

  program.command('dev')
    .summary('start a project on this machine, and stay')
    .description(
      'start a Supabase project with supaqueue in it on this machine, and stay until Ctrl-C. Called in the folder of a ' +
        'project, it is that one: its migrations and seeds are applied, its functions served, and its data is there again ' +
        'the next time',
    )
    .addOption(
      new Option('--port <n>', 'of the API; the database takes the next one').argParser(port(1, 65_534)).default(54321),
    )
    .option(
      '--db-url <url>',
      'use this PostgreSQL instead of an embedded one; its pg_net, Vault and pg_cron are used where it has them; else ' +
        'SUPAQUEUE_DB_URL',
    )
    .option('--project <path>', 'the folder of the project, if it is not this one')
    .option('--functions <path>', 'where its functions are, if not in supabase/functions')
    .option('--reset', 'begin with an empty database: migrations and seeds are applied anew')
    .option('--skip-failing', 'go on behind a migration or a seed that does not apply here, and name it')
    .action(run(async () => (await import('./commands/dev.ts')).dev))

  program.command('demo')
    .argument('[file]', 'a text to read, plain or Markdown, in UTF-8; else the README of supaqueue')
    .summary('run a pipeline of real jobs on this machine')
    .description(
      'run a pipeline of real jobs on this machine, and end: one job splits a text, one for each paragraph reads it, ' +
        'three at a time, and a last one, which waits for all of them, puts together what they found',
    )
    .option('--json', 'one summary, for programs')
    .action(runWith(async () => (await import('./commands/demo.ts')).demo, 'file'))

  for (const command of program.commands) command.addHelpText('after', exitHelp)
  return program
}

const targeted = (command: Command): Command =>
  command
    .option('--project-ref <ref>', 'the project; else SUPABASE_PROJECT_ID, or asked for')
    .option(
      '--db-url <url>',
      'its database, if not the one that the platform names; alone, all that is known of the project; else SUPAQUEUE_DB_URL',
    )
    .option('--functions-url <url>', 'where its functions answer, if not https://<ref>.supabase.co/functions/v1')
    .option('--insecure-tls', 'connect to whoever answers at --db-url, without checking the certificate')
    .option('--local', 'the project that runs here, under `supaqueue dev` or `supabase start`')
    .addHelpText('after', environmentHelp)

const installing = (command: Command): Command =>
  targeted(command).option('--no-expose', 'leave the exposed schemas of the Data API alone')

const environmentHelp = `
Environment:
  SUPABASE_ACCESS_TOKEN    token of the Management API; else what supabase login saved, or asked for
  SUPABASE_DB_PASSWORD     password of the database; else asked for. Never kept, never on a command line
  SUPABASE_PROJECT_ID, SUPAQUEUE_DB_URL, SUPAQUEUE_FUNCTIONS_URL    as the options
  SUPAQUEUE_SECRET         where only the database is known: the secret that the functions have; else Vault's, or a new one
`

const workHelp = `
Environment (with the ending _2, _3, ... for the second, third, ... database):
  SUPAQUEUE_DB_URL         as --db-url; SUPABASE_DB_PASSWORD, where the URL has no password
  SUPABASE_URL, SUPABASE_SECRET_KEY, SUPAQUEUE_SECRET    what it takes to call edge functions; without, only URLs are called
  SUPAQUEUE_FUNCTIONS_URL  where its functions answer, if not below SUPABASE_URL
`

const decimal = (what: string, most: number) => (text: string): number => {
  const number = Number(text)
  if (!/^\s*[\d.]/.test(text) || !(number >= 0 && number <= most)) throw new InvalidArgumentError(`not ${what}`)
  return number
}

const seconds = decimal('a number of seconds', 1e9)
const rate = decimal('a number of jobs a second', 1e9)
const threshold = decimal('a number from 0 on', 1e15)

/** Below a fifth of a second a watch would be a load. */
function interval(text: string): number {
  const every = seconds(text)
  if (every < 0.2) throw new InvalidArgumentError('at least 0.2')
  return every
}

function integer(text: string): number {
  const number = Number(text)
  if (!/^-?\d+$/.test(text) || Math.abs(number) > 2_147_483_647) throw new InvalidArgumentError('not a whole number')
  return number
}

function number(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('jobs have numbers')
  return text
}

const port = (least: number, most: number) => (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new InvalidArgumentError(`a port is a number from ${least} to ${most}`)
  }
  return number
}

const count = (least: number, most: number) => (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new InvalidArgumentError(`a number from ${least} to ${most}`)
  }
  return number
}

const gather = (name: string, names: string[] = []): string[] => [...names, name]
