import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { HintedError } from '../cli/hinted_error.ts'
import type { Target } from '../cli/project/open.ts'

export type ConsoleCommand = Target & { port: number; readOnly: boolean; embedded: boolean; person: string }

const defaultPort = 4400

export const usage = `Usage: pnpm console [options]

Serves a page on this machine that shows the queues of a project, and lets you act on them. Stays until Ctrl-C.

Options:
  --embedded            Start a project on this machine along with it, as pnpm dev does, with queues to look at.
  --db-url <url>        The project's database. The variable SUPAQUEUE_DB_URL does the same and keeps the password off
                        the command line; so does SUPABASE_DB_PASSWORD, for a URL without one.
  --insecure-tls        Connect to whoever answers at --db-url, without checking the certificate.
  --project-ref <ref>   The hosted project; asked for if neither is given.
  --local               The project that runs here under supabase start.
  --read-only           Only look.
  --person <name>       Who you are, for the audit of who did what. Default: your login on this machine.
  --port <number>       Default ${defaultPort}; 0 for any that is free.
  --help                Show this.`

/** Reads the command line. Throws a `HintedError` about what it does not understand. */
export function parseOptions(args: string[], environment: NodeJS.ProcessEnv): ConsoleCommand | 'help' {
  const { help, port: portText, embedded = false, local = false, 'insecure-tls': insecureTls = false, ...given } = read(
    args,
  )
  if (help) return 'help'

  const port = portText === undefined ? defaultPort : Number(portText)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new HintedError('port_not_valid', `--port ${portText} is not a port.`, 'Give a number from 0 to 65535.')
  }
  const dbUrl = given['db-url'] ?? (embedded ? undefined : environment.SUPAQUEUE_DB_URL)
  if (embedded && (dbUrl !== undefined || local || given['project-ref'] !== undefined)) {
    throw new HintedError(
      'one_project_only',
      'The console shows one project.',
      'Give --embedded, or name another project.',
    )
  }
  return {
    port,
    readOnly: given['read-only'] ?? false,
    embedded,
    local,
    person: given.person ?? loginName(),
    ...(insecureTls && { insecureTls }),
    ...(dbUrl && { dbUrl }),
    ...(given['project-ref'] && { projectRef: given['project-ref'] }),
  }
}

/** Nobody, where the system has no name for whoever runs this. */
function loginName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        'embedded': { type: 'boolean' },
        'db-url': { type: 'string' },
        'insecure-tls': { type: 'boolean' },
        'project-ref': { type: 'string' },
        'local': { type: 'boolean' },
        'read-only': { type: 'boolean' },
        'person': { type: 'string' },
        'port': { type: 'string' },
        'help': { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (reason) {
    throw new HintedError('option_not_known', (reason as Error).message, 'See pnpm console --help.')
  }
}
