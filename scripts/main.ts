import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { doctor } from './commands/doctor.ts'
import { EXIT, exitHelp, exitOf } from './commands/exit.ts'
import { failures } from './commands/failures.ts'
import { install } from './commands/install.ts'
import { job } from './commands/job.ts'
import { remove } from './commands/remove.ts'
import { rotateSecret } from './commands/rotate_secret.ts'
import { status } from './commands/status.ts'
import { upgrade } from './commands/upgrade.ts'
import { writeInto } from './commands/into.ts'
import { offeredAddons, readAddons } from './database/addons.ts'
import { HintedError } from './hinted_error.ts'
import { plain } from './terminal/plain.ts'
import type { World } from './world.ts'

/** Runs `supaqueue <args>` and returns the exit code. What goes wrong is told in words, whatever it is. */
export async function main(args: string[], world: World): Promise<number> {
  let code: number = EXIT.done
  const program = describe(world, (exit) => code = exit)
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (reason) {
    if (reason instanceof CommanderError) return reason.exitCode === 0 ? EXIT.done : EXIT.usage
    const error = reason instanceof HintedError ? reason : unexpected(reason)
    world.note(plain(`${error.code}: ${error.message}`))
    world.note(plain(`What to do: ${error.hint}`))
    if (error !== reason && world.env.SUPAQUEUE_DEBUG) world.note(String((reason as Error).stack))
    return exitOf(error)
  }
}

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

function describe(world: World, ended: (code: number) => void): Command {
  const program = new Command('supaqueue')
    .description('A job queue inside your Supabase project that calls your edge functions.')
    .addHelpText('after', environmentHelp + exitHelp)
    .configureOutput({ writeOut: (text) => world.say(text.trimEnd()), writeErr: (text) => world.note(text.trimEnd()) })
    .exitOverride()

  // deno-lint-ignore no-explicit-any
  const run = (work: (options: any, world: World) => Promise<number>) => async (options: unknown) =>
    ended(await work(options, world))

  const addons = () =>
    new Option('--with <names>', `add-ons to install along, with commas between: ${offeredAddons().join(', ')}`)
      .argParser(readAddons)
  const proof = () => new Option('--proof-seconds <n>', 'how long the test job may take').argParser(seconds).default(30)

  targeted(program.command('install'))
    .description('put supaqueue into a project, and prove that a job makes the round trip')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .option('--into <path>', 'write a migration, the function and its configuration into the project at <path> instead')
    .option('--replace <function>', 'an edge function of your own that ours may replace (may be repeated)', gather, [])
    .addOption(addons())
    .addOption(proof())
    .action(run((options, world) => options.into ? writeInto(options, world) : install(options, world)))

  targeted(program.command('upgrade'))
    .description('bring an installation to this release')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .addOption(proof())
    .action(run(upgrade))

  targeted(program.command('remove'))
    .description('take supaqueue out of a project')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show every statement and call, and make none')
    .option('--keep-data', 'leave the tables and their rows')
    .option('--also-drop <name>', 'of your own, what may go along (may be repeated)', gather, [])
    .action(run(remove))

  targeted(program.command('doctor'))
    .description('look at every link of the chain')
    .option('--json', 'for programs')
    .addOption(proof())
    .action(run(doctor))

  targeted(program.command('rotate-secret'))
    .description('make a new secret while everything goes on')
    .option('--yes', 'do not ask')
    .addOption(new Option('--overlap-seconds <n>', 'how long both are good').argParser(seconds).default(20))
    .action(run(rotateSecret))

  targeted(program.command('status'))
    .description('show the queues')
    .option('--json', 'for programs; with --watch a line each time')
    .option('--watch', 'again and again, until Ctrl-C')
    .addOption(new Option('--every-seconds <n>', 'how often, with --watch').argParser(seconds).default(2))
    .action(run(status))

  targeted(program.command('job').argument('<id>', 'its number', number))
    .description('show the story of a job, and why it waits')
    .option('--json', 'for programs')
    .action((id: string, options: unknown) => run(job)({ ...options as object, id }))

  targeted(program.command('failures'))
    .description('show what jobs failed of, how often, and what to do about it')
    .option('--queue <name>', 'of one queue only')
    .option('--json', 'for programs')
    .action(run(failures))

  return program
}

const targeted = (command: Command): Command =>
  command
    .option('--project-ref <ref>', 'the project; else SUPABASE_PROJECT_ID, or asked for')
    .option('--db-url <url>', 'its database, if not the one that the platform names; else SUPAQUEUE_DB_URL')
    .option('--functions-url <url>', 'where its functions answer, if not https://<ref>.supabase.co/functions/v1')
    .option('--local', 'the project that runs here under `supabase start`')
    .option('--no-expose', 'leave the exposed schemas of the Data API alone')
    .addHelpText('after', environmentHelp + exitHelp)
    .exitOverride()

const environmentHelp = `
Environment:
  SUPABASE_ACCESS_TOKEN    token of the Management API; else what supabase login saved, or asked for
  SUPABASE_DB_PASSWORD     password of the database; else asked for. Never kept, never on a command line
  SUPABASE_PROJECT_ID, SUPAQUEUE_DB_URL, SUPAQUEUE_FUNCTIONS_URL    as the options
`

function seconds(text: string): number {
  const number = Number(text)
  if (!(number >= 0)) throw new InvalidArgumentError('not a number of seconds')
  return number
}

function number(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('jobs have numbers')
  return text
}

const gather = (name: string, names: string[]): string[] => [...names, name]
