import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT, exitHelp, exitOf } from './commands/exit.ts'
import { offeredAddons, readAddons } from './database/addons.ts'
import { ALERT_KINDS } from '../../console/answers.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
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
  // What the parser refuses is told in the form of all errors.
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
    const error = reason instanceof SupaqueueError ? reason : unexpected(reason)
    tell(error, deps, json, hushed)
    if (error !== reason && deps.env.SUPAQUEUE_DEBUG) deps.note(String((reason as Error).stack))
    return exitOf(error)
  }
}

/** All commands, in the order of the help. */
export const commands = (): readonly Command[] => describe(undefined as never, () => {}, () => {}).commands

/** An error in its one form: two lines, or one object. No password is in it. */
function tell(error: SupaqueueError, deps: Deps, json: boolean, hushed: (text: string) => string): void {
  const [code, message, hint] = [error.code, error.message, error.hint].map(hushed)
  if (json) return deps.say(JSON.stringify({ error: { code, message, hint, exit: exitOf(error) } }))
  deps.note(plain(`${code}: ${message}`))
  deps.note(plain(`What to do: ${hint}`))
}

/** The parser's first line is what is wrong; the next one is a guess at what was meant. */
function misunderstood(text: string, name: string): SupaqueueError {
  const [message = '', guess] = text.trim().replace(/^error: /, '').split('\n')
  return new SupaqueueError('SQ422', message, guess ? guess.replace(/^\((.*)\)$/, '$1') : `See pnpm ${name} --help.`)
}

const nameOf = (program: Command, [first]: string[]): string =>
  program.commands.some((command) => command.name() === first) ? `supaqueue ${first}` : 'supaqueue'

/** What nobody has thought of. The stack is for those who look for the cause, not for those who only met it. */
function unexpected(reason: unknown): SupaqueueError {
  const { message, code, hint } = reason as Error & { code?: unknown; hint?: string }
  return new SupaqueueError(
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
    // The arguments are in the help of each command; here they would leave no room to say what it does.
    .configureHelp({ subcommandTerm: (command) => command.name() })
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
    new Option('--with <names>', `add-ons to install too, separated by commas: ${offeredAddons().join(', ')}`)
      .argParser(readAddons)
  const proof = () =>
    new Option('--proof-seconds <n>', 'how long to wait for the test job').argParser(seconds).default(30)

  program.command('init').argument('[folder]', 'the folder of the project; default: this one')
    .description(
      'add supaqueue to the files of your project: a migration, a function, configuration, a secret, and a first queue',
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'list the files, and write none')
    .option('--copy', 'copy the sources of the dispatcher into the project, instead of importing the package')
    .option('--no-example', 'do not create a first queue and its function')
    .option('--no-expose', 'do not change which schemas the Data API exposes')
    .option('--replace <function>', 'an edge function of yours that may be replaced (can be repeated)', gather, [])
    .option('--project-ref <ref>', 'the hosted project, so that the migration can set the URL of its functions')
    .option('--functions-url <url>', 'URL of its functions; default: https://<ref>.supabase.co/functions/v1')
    .addOption(addons())
    .action(runWith(async () => (await import('./commands/init.ts')).init, 'folder'))

  installing(program.command('install'))
    .description('install supaqueue in a project, and run a test job to check that it works')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and run none')
    .option(
      '--into <path>',
      'write files into the project at <path>, and change no database: a migration, the function, its configuration',
    )
    .option('--replace <function>', 'an edge function of yours that may be replaced (can be repeated)', gather, [])
    .option(
      '--stand-alone',
      'install in a PostgreSQL without Supabase (with --db-url): `work` runs the jobs, which call URLs',
    )
    .option('--from-published', 'move queues, workers and waiting jobs from the supaqueue published in 2024')
    .addOption(
      new Option('--drain-seconds <n>', 'with --from-published: how long to wait for jobs in progress to end')
        .argParser(seconds).default(60),
    )
    .option(
      '--worker-role <name>',
      'create a login role that can only run `supaqueue work`; its password is SUPAQUEUE_WORKER_PASSWORD, or you are asked',
    )
    .option(
      '--api-role <name>',
      'create a login role that can only run `supaqueue api` (with --with api); its password is SUPAQUEUE_API_PASSWORD, or you are asked',
    )
    .option('--begin-again', 'with --from-published: run jobs again that are still in progress after that')
    .addOption(addons())
    .addOption(proof())
    .action((options: { into?: string }) =>
      options.into
        ? run(async () => (await import('./commands/into.ts')).writeInto)(options)
        : run(async () => (await import('./commands/install.ts')).install)(options)
    )

  installing(program.command('upgrade'))
    .description('upgrade an installation to this release')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and run none')
    .addOption(proof())
    .action(run(async () => (await import('./commands/upgrade.ts')).upgrade))

  installing(program.command('remove'))
    .description('remove supaqueue from a project')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and run none')
    .option('--keep-data', 'keep the tables and their rows')
    .option('--also-drop <name>', 'something of yours that may be dropped too (can be repeated)', gather, [])
    .action(run(async () => (await import('./commands/remove.ts')).remove))

  targeted(program.command('doctor'))
    .description('check everything that a job needs to run, and say what fixes it')
    .option('--json', 'print JSON')
    .option('--no-expose', 'do not check that the Data API exposes the schema')
    .addOption(proof())
    .action(run(async () => (await import('./commands/doctor.ts')).doctor))

  targeted(program.command('rotate-secret'))
    .description('replace the secret, while jobs keep running')
    .option('--yes', 'do not ask')
    .addOption(new Option('--overlap-seconds <n>', 'how long both secrets are valid').argParser(seconds).default(20))
    .action(run(async () => (await import('./commands/rotate_secret.ts')).rotateSecret))

  targeted(program.command('status'))
    .description('show the queues')
    .option('--json', 'print JSON; with --watch one line each time')
    .option('--watch', 'repeat until Ctrl-C')
    .addOption(
      new Option('--every-seconds <n>', 'with --watch: seconds between two looks').argParser(interval).default(2),
    )
    .action(run(async () => (await import('./commands/status.ts')).status))

  targeted(program.command('job').argument('<id>', 'number of the job', number))
    .description('show what happened to a job, and why it waits')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/job.ts')).job, 'id'))

  targeted(program.command('failures'))
    .description('show why jobs failed, how often, and what to do about it')
    .option('--queue <name>', 'only this queue')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/failures.ts')).failures))

  targeted(program.command('alerts'))
    .description('show the alert rules, which ones are firing, and the last messages')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/alerts.ts')).alerts))

  targeted(
    program.command('set-alert').argument('<name>', 'name of the rule')
      .addArgument(new Argument('<kind>', 'what to watch').choices(ALERT_KINDS))
      .argument(
        '<threshold>',
        'the rule fires above this: seconds, a share from 0 to 1, or a number of jobs',
        threshold,
      )
      .argument('<notify>', 'the queue that gets a job when the rule fires, and when it is resolved'),
  )
    .description('create or replace an alert rule')
    .option('--queue <name>', 'the queue to watch; default: every queue')
    .addOption(
      new Option('--clear-below <n>', 'resolved when the value is not above this; default: the threshold').argParser(
        threshold,
      ),
    )
    .option('--raise-after <interval>', "how long the trouble must last before a message is sent; default: '1 minute'")
    .option('--clear-after <interval>', "how long all must be well before a message is sent; default: '5 minutes'")
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).setAlert, 'name', 'kind', 'threshold', 'notify'))

  for (const [verb, enabled] of [['enable', true], ['disable', false]] as const) {
    targeted(program.command(`${verb}-alert`).argument('<name>', 'name of the rule'))
      .description(enabled ? 'switch an alert rule on' : 'switch an alert rule off, so that it sends no messages')
      .option('--json', 'print JSON')
      .action((name: string, options: object) =>
        run(async () => (await import('./commands/acts.ts')).enableAlert)({ ...options, name, enabled })
      )
  }

  targeted(program.command('delete-alert').argument('<name>', 'name of the rule'))
    .description('delete an alert rule')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).deleteAlert, 'name'))

  targeted(
    program.command('hooks').addArgument(
      new Argument('[action]', 'adopt: list the statements that replace Database Webhooks by hooks').choices(['adopt']),
    ),
  )
    .description('show the row hooks: their recent jobs, problems, and the progress of backfills')
    .option('--apply', 'with adopt: run the statements: create queues and hooks, and switch the webhooks off')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/hooks.ts')).hooks, 'action'))

  targeted(program.command('pause-hook').argument('<name>', 'name of the hook'))
    .description('pause a hook; changes during the pause never become jobs')
    .option('--reason <text>', 'shown wherever the hook is shown')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).pauseHook, 'name'))

  targeted(program.command('resume-hook').argument('<name>', 'name of the hook'))
    .description('resume a paused hook')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).resumeHook, 'name'))

  targeted(program.command('backfill').argument('<hook>', 'name of the hook'))
    .description('create jobs for rows that already exist, a few at a time')
    .option('--where <condition>', "an SQL condition on the row, such as 'new.id > 100'; default: all rows")
    .addOption(new Option('--rate <n>', 'rows per second, at most; default: 100').argParser(rate))
    .option('--any-order', 'allow it even if an older state of a row may be delivered after a newer one')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).backfill, 'hook'))

  for (const [verb, running] of [['cancel', false], ['resume', true]] as const) {
    targeted(program.command(`${verb}-backfill`).argument('<id>', 'number of the backfill', number))
      .description(
        running ? 'resume a backfill where it stopped' : 'stop a backfill; the jobs that it created stay',
      )
      .option('--json', 'print JSON')
      .action((id: string, options: object) =>
        run(async () => (await import('./commands/acts.ts')).switchBackfill)({ ...options, id, running })
      )
  }

  targeted(
    program.command('replay').argument('<hook>', 'name of the hook').argument(
      '<since>',
      'a time, such as 2030-01-01T00:00:00Z',
    ),
  )
    .description('send again what a hook has sent since a time')
    .option('--until <time>', 'only what was sent before this time; default: now')
    .addOption(new Option('--most <n>', 'how many at most, oldest first; default: 1000').argParser(integer))
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).replay, 'hook', 'since'))

  const meaning = (command: Command) =>
    command
      .option('--queue <name>', 'only this queue')
      .option('--fingerprint <text>', 'only this cause, as `supaqueue failures` shows it')
      .option('--error <text>', 'only jobs whose error contains this text; case does not matter')
      .option('--payload <json>', 'only jobs whose payload contains this')
      .option('--where <path>', "only jobs whose payload matches this SQL/JSON predicate, such as '$.amount > 100'")
      .option('--since <time>', 'only jobs that failed at this time or later')
      .option('--until <time>', 'only jobs that failed before this time')
      .addOption(
        new Option('--most <n>', 'how many at most, newest first; try a few before you do all').argParser(integer),
      )
      .option('--yes', 'do not ask')
      .option('--dry-run', 'only print how many')
      .option('--json', 'print JSON')

  meaning(targeted(program.command('retry-failed')))
    .description('run failed jobs again: those of a queue, of a cause, or all that match')
    .addOption(new Option('--per-second <n>', 'how many become due per second; default: all at once').argParser(rate))
    .action(run(async () => (await import('./commands/failed.ts')).retryFailed))

  meaning(targeted(program.command('discard-failed')))
    .description(
      'mark failed jobs as cancelled: those of a queue, of a cause, or all that match',
    )
    .action(run(async () => (await import('./commands/failed.ts')).discardFailed))

  targeted(program.command('bulk').argument('<action>', 'number that the command printed', number))
    .description('show the progress of a retry-failed or discard-failed')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/failed.ts')).bulk, 'action'))

  targeted(program.command('undo').argument('<action>', 'number that the command printed', number))
    .description('undo a retry-failed or discard-failed, for jobs that have not started since')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/failed.ts')).undo, 'action'))

  targeted(
    program.command('enqueue').argument('<queue>', 'name of the queue').argument('[payload]', 'a JSON object', '{}'),
  )
    .description('add a job to a queue')
    .option('--delay <interval>', "wait this long before it may start, such as '10 minutes'")
    .addOption(new Option('--priority <n>', 'jobs with a higher number start first').argParser(integer))
    .option('--dedupe-key <key>', 'refuse the job while another one in this queue has the same key')
    .option('--concurrency-key <key>', 'what the queue limits or orders its jobs by')
    .option('--debounce <interval>', 'start this long after the last job with the same dedupe key, with its payload')
    .option('--max-wait <interval>', 'with --debounce: start no later than this after the first of them')
    .option('--throttle <interval>', 'start one job with the same dedupe key per interval, with the last payload')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).enqueue, 'queue', 'payload'))

  targeted(
    program.command('create-queue').argument('<name>', 'name of the queue').argument(
      '[function]',
      'edge function to call; default: the one with the same name',
    ),
  )
    .description('create a queue with its workers, or change it')
    .addOption(new Option('--workers <n>', 'how many calls may run at once').argParser(integer))
    .addOption(
      new Option('--max-rps <n>', 'how many jobs may start per second; fractions such as 0.5 work').argParser(
        rate,
      ),
    )
    .addOption(new Option('--max-attempts <n>', 'how many attempts a job has').argParser(integer))
    .addOption(new Option('--timeout-ms <n>', 'how long a call may take, in milliseconds').argParser(integer))
    .option('--url <url>', 'URL to call instead of a function')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).createQueue, 'name', 'function'))

  targeted(program.command('pause').argument('<queue>', 'name of the queue'))
    .description('stop starting jobs of a queue; new jobs are still accepted')
    .option('--for <interval>', "for this long, such as '1 hour'; default: until it is resumed")
    .option('--reason <text>', 'shown wherever the queue is shown')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).pause, 'queue'))

  targeted(program.command('resume').argument('<queue>', 'name of the queue'))
    .description('resume a paused queue')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).resume, 'queue'))

  targeted(program.command('adopt'))
    .description('let a copy of a project (a restore, a clone, a branch) run its waiting jobs')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only print how many jobs wait')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).adopt))

  targeted(program.command('retry').argument('<id>', 'number of the job', number))
    .description('run a job again that has ended')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).retry, 'id'))

  targeted(program.command('cancel').argument('<id>', 'number of the job', number))
    .description('cancel a job; a call that is already running is not stopped')
    .option('--json', 'print JSON')
    .action(runWith(async () => (await import('./commands/acts.ts')).cancel, 'id'))

  program.command('types')
    .description('print TypeScript types of the schema supaqueue, for supabase-js')
    .action(run(async () => (await import('./commands/types.ts')).types))

  targeted(program.command('console'))
    .summary('open the console: see and control queues in a browser')
    .description('serve the console on this machine: see and control queues in a browser. Stop it with Ctrl-C')
    .addOption(
      new Option('--embedded', 'also start a project on this machine, as dev does, with example queues')
        .conflicts(['dbUrl', 'local', 'projectRef']),
    )
    .option('--read-only', 'change nothing')
    .option('--person <name>', 'your name in the audit; default: your login on this machine')
    .addOption(
      new Option('--port <n>', 'port of the page; 0 for any free port').argParser(port(0, 65_535)).default(4400),
    )
    .action(run(async () => (await import('./commands/console.ts')).console))

  program.command('work')
    .summary('run jobs from a process that stays, instead of the edge function')
    .description(
      'run jobs from a process that stays, with its own database connections. It calls functions and URLs as the edge ' +
        'function supaqueue does. The edge function sleeps while this process runs, and takes over when it ends',
    )
    .option(
      '--db-url <url>',
      'the database, in session mode (can be repeated); default: SUPAQUEUE_DB_URL, SUPAQUEUE_DB_URL_2, ...',
      gather,
    )
    .option('--queue <name>', 'only this queue (can be repeated); default: all', gather, [])
    .addOption(
      new Option('--concurrency <n>', 'how many calls of one queue may run at once').argParser(count(1, 500)).default(
        100,
      ),
    )
    .addOption(
      new Option('--connections <n>', 'how many connections to each database, at most')
        .argParser(count(1, 50)).default(4),
    )
    .addOption(
      new Option('--port <n>', 'port for /health and /metrics; 0 for any free port').argParser(port(0, 65_535)),
    )
    .option('--host <address>', 'with --port: the address to listen on', '127.0.0.1')
    .option('--insecure-tls', 'do not check the certificate of the server at --db-url')
    .addHelpText('after', workHelp)
    .action(run(async () => (await import('./commands/work.ts')).work))

  program.command('api')
    .summary('serve the HTTP API from a process, instead of the edge function')
    .description(
      'serve the HTTP API from a process that stays, with its own database connections. It answers as the edge function ' +
        'supaqueue-api does. The SQL of the API must be installed: install --with api',
    )
    .option('--db-url <url>', 'the database; default: SUPAQUEUE_DB_URL')
    .addOption(
      new Option('--port <n>', 'port to listen on; 0 for any free port').argParser(port(0, 65_535)).default(8080),
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--connections <n>', 'how many connections to the database, at most').argParser(count(1, 100)).default(
        10,
      ),
    )
    .option('--insecure-tls', 'do not check the certificate of the server at --db-url')
    .addHelpText('after', apiHelp)
    .action(run(async () => (await import('./commands/api.ts')).api))

  program.command('dev')
    .summary('run your project on this machine, without Docker')
    .description(
      'run a Supabase project with supaqueue on this machine, without Docker, until Ctrl-C. In the folder of a project, it ' +
        'runs that project: it applies migrations and seeds, serves the functions, and keeps the data for the next time',
    )
    .addOption(
      new Option('--port <n>', 'port of the API; the database uses the next one').argParser(port(1, 65_534)).default(
        54321,
      ),
    )
    .option(
      '--db-url <url>',
      'use this PostgreSQL instead of an embedded one, with its pg_net, Vault and pg_cron if it has them; default: ' +
        'SUPAQUEUE_DB_URL',
    )
    .option('--project <path>', 'the folder of the project; default: this one')
    .option('--functions <path>', 'the folder of its functions; default: supabase/functions')
    .option('--reset', 'start with an empty database, and apply migrations and seeds again')
    .option('--skip-failing', 'skip migrations and seeds that fail here, and name them')
    .action(run(async () => (await import('./commands/dev.ts')).dev))

  program.command('demo')
    .argument('[file]', 'a text or Markdown file in UTF-8; default: the README of supaqueue')
    .summary('run a pipeline of real jobs on this machine')
    .description(
      'run a pipeline of real jobs on this machine, and end. One job splits a text. One job for each paragraph reads it, ' +
        'three at a time. The last job waits for all of them, and joins their results',
    )
    .option('--json', 'print a summary as JSON')
    .action(runWith(async () => (await import('./commands/demo.ts')).demo, 'file'))

  for (const command of program.commands) command.addHelpText('after', exitHelp)
  return program
}

const targeted = (command: Command): Command =>
  command
    .option('--project-ref <ref>', 'the project; default: SUPABASE_PROJECT_ID, or you are asked')
    .option(
      '--db-url <url>',
      'its database; default: SUPAQUEUE_DB_URL, or the one that the platform names. Without --project-ref, only this database is used',
    )
    .option('--functions-url <url>', 'URL of its functions; default: https://<ref>.supabase.co/functions/v1')
    .option('--insecure-tls', 'do not check the certificate of the server at --db-url')
    .option('--local', 'the project that runs on this machine (`supaqueue dev` or `supabase start`)')
    .addHelpText('after', environmentHelp)

const installing = (command: Command): Command =>
  targeted(command).option('--no-expose', 'do not change which schemas the Data API exposes')

/** What every command reads that has a project. */
export const environmentHelp = `
Environment:
  SUPABASE_ACCESS_TOKEN    token of the Management API; default: from supabase login, or you are asked
  SUPABASE_DB_PASSWORD     password of the database; default: you are asked. It is never stored
  SUPABASE_PROJECT_ID, SUPAQUEUE_DB_URL, SUPAQUEUE_FUNCTIONS_URL
                           the same as the options
  SUPAQUEUE_SECRET         without --project-ref: the secret of the functions; default: Vault's, or a new one
`

const workHelp = `
Environment (for a second database add _2 to each name, for a third _3, and so on):
  SUPAQUEUE_DB_URL         the same as --db-url
  SUPABASE_DB_PASSWORD     password of the database, if the URL has none
  SUPABASE_URL, SUPABASE_SECRET_KEY, SUPAQUEUE_SECRET
                           needed to call edge functions; without them, only URLs are called
  SUPAQUEUE_FUNCTIONS_URL  URL of the functions; default: below SUPABASE_URL
`

const apiHelp = `
Environment:
  SUPAQUEUE_DB_URL         the same as --db-url
  SUPABASE_DB_PASSWORD     password of the database, if the URL has none
  SUPABASE_SECRET_KEY      a key that may do everything; default: only keys made by supaqueue.create_api_key
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
