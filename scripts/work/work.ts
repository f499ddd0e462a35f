import type { Deps } from '../cli/deps.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { explain } from '../cli/project/database.ts'
import { sayInsecurity } from '../cli/project/database_url.ts'
import { strangerAt } from '../cli/project/occupant.ts'
import { isOfStatement } from './dispatcher.ts'
import { serve, type Served } from './serve.ts'
import { openStatus } from './status.ts'
import { readDatabases } from './databases.ts'

export type WorkOptions = {
  dbUrl?: string[]
  queue: string[]
  concurrency: number
  connections: number
  port?: number
  host: string
  insecureTls?: boolean
}

/**
 * Begins to serve queues. One database that cannot be reached is tried again; when none can, this is an error: who
 * started us sees it, and starts us again.
 */
export async function openWork(options: WorkOptions, deps: Deps): Promise<{ address?: string; stop(): Promise<void> }> {
  const databases = readDatabases(options, deps.env)
  const pooled = databases.find((database) => database.pooled)
  if (pooled) {
    throw new SupaqueueError(
      'SQ422',
      `${pooled.name} is a pooler that gives a connection for one transaction, and nobody can listen there`,
      'Take the session pooler, or the database itself: port 5432.',
    )
  }
  databases.forEach(({ url }) => sayInsecurity(url, deps.note))
  for (const { name, lacking } of databases) {
    if (lacking.length > 0) {
      deps.note(
        `Of ${name}, only queues that call URLs are served. To serve those that call functions, set ${
          lacking.join(', ')
        }.`,
      )
    }
  }
  let stopping = false
  const served: Served[] = []
  const status = options.port === undefined
    ? undefined
    : await openStatus({ port: options.port, host: options.host }, () => served, () => stopping)
  const log = (line: Record<string, unknown>) => deps.note(JSON.stringify({ time: new Date().toISOString(), ...line }))
  for (const database of databases) {
    served.push(serve(database, {
      queues: options.queue,
      concurrency: options.concurrency,
      connections: options.connections,
      log,
    }))
  }
  const stop = async () => {
    stopping = true
    await Promise.all(served.map((one) => one.stop()))
    await status?.close()
  }
  try {
    await Promise.any(served.map(({ connected }) => connected))
  } catch (reason) {
    await stop()
    throw await unreachable((reason as AggregateError).errors[0], databases[0]!.url)
  }
  deps.say(
    `Serving ${options.queue.length > 0 ? options.queue.join(', ') : 'all queues'} of ${
      databases.map(({ name }) => name).join(', ')
    }`,
  )
  if (status) deps.say(`${status.address}/health says whether it is up, ${status.address}/metrics has its counters.`)
  return { address: status?.address, stop }
}

async function unreachable(reason: Error & { code?: string }, url: string): Promise<SupaqueueError> {
  if (reason instanceof SupaqueueError) return reason
  // Whatever it says of the statement: this release's own would not say so.
  if (isOfStatement(reason)) {
    return reason.code !== '42501' && await strangerAt(url) || new SupaqueueError(
      reason.code === '42501' ? 'SQ403' : 'SQ404',
      `the database does not serve processes: ${reason.message}`,
      reason.code === '42501'
        ? 'The role must be postgres, or one that may what service_role may, or that which install --worker-role made.'
        : 'Run the installer of this release there: npx supaqueue install, or upgrade.',
    )
  }
  return explain(reason, url)
}
