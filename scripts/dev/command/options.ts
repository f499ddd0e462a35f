import { parseArgs } from 'node:util'
import { HintedError } from '../../cli/hinted_error.ts'

export type DevOptions = {
  port: number
  databaseUrl?: string
  postgres: { port: number }
  /** The project to serve; where none is named, the one that the command is called in. */
  project?: string
  functions?: string
  reset: boolean
  skipFailing: boolean
}

const defaultPort = 54321

export const usage = `Usage: pnpm dev [options]

Starts a Supabase project with supaqueue in it on this machine, and stays until Ctrl-C. Called in the folder of a project, it is
that one: its migrations and seeds are applied, its functions served, and its data is there again the next time.

Options:
  --port <number>   Port of the API. Default ${defaultPort}; the database takes the next one.
  --db-url <url>    Use this Postgres instead of an embedded one. Its pg_net, Vault and pg_cron are used where it has
                    them. The variable SUPAQUEUE_DB_URL does the same and keeps the password off the command line.
  --project <path>  The folder of the project, if it is not this one.
  --functions <path>  Where its functions are, if not in supabase/functions.
  --reset           Begin with an empty database: migrations and seeds are applied anew.
  --skip-failing    Go on behind a migration or a seed that does not apply here, and name it.
  --help            Show this.`

/** Reads the command line. Throws a `HintedError` about what it does not understand. */
export function parseOptions(args: string[], environment: NodeJS.ProcessEnv): DevOptions | 'help' {
  const { help, port: portText, 'db-url': databaseUrl = environment.SUPAQUEUE_DB_URL, ...given } = read(args)
  if (help) return 'help'

  const port = portText === undefined ? defaultPort : Number(portText)
  if (!Number.isInteger(port) || port < 1 || port > 65_534) {
    throw new HintedError('port_not_valid', `--port ${portText} is not a port.`, 'Give a number from 1 to 65534.')
  }
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new HintedError(
      'database_url_not_valid',
      '--db-url is not the URL of a Postgres.',
      'Write it as postgresql://user:password@host:port/database.',
    )
  }
  return {
    port,
    postgres: { port: port + 1 },
    ...(databaseUrl && { databaseUrl }),
    ...(given.project && { project: given.project }),
    ...(given.functions && { functions: given.functions }),
    reset: given.reset ?? false,
    skipFailing: given['skip-failing'] ?? false,
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'port': { type: 'string' },
        'db-url': { type: 'string' },
        'project': { type: 'string' },
        'functions': { type: 'string' },
        'reset': { type: 'boolean' },
        'skip-failing': { type: 'boolean' },
        'help': { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (reason) {
    throw new HintedError('option_not_known', (reason as Error).message, 'See pnpm dev --help.')
  }
}
