import type { Health } from '../../console/answers.ts'
import { completeUrl, sayInsecurity } from '../cli/project/database_url.ts'
import { openDatabase } from '../cli/project/database.ts'
import { occupantOf, strangerError } from '../cli/project/occupant.ts'
import { openProject } from '../cli/project/open.ts'
import type { Deps } from '../cli/deps.ts'
import { expectParts } from '../dev/needs.ts'
import { healthOf } from './health.ts'
import type { ConsoleCommand } from './options.ts'
import { fillWithSample } from './sample.ts'
import { type Console, startConsole } from './start.ts'

type Opened = { console: Console; stop(): Promise<void> }

/** Finds the database that is meant, and serves the console for it until `stop`. */
export async function openConsole(options: ConsoleCommand, deps: Deps): Promise<Opened> {
  const { stop, ...found } = await findDatabase(options, deps)
  try {
    await refuseStrangerAt(found.databaseUrl)
    const { port, readOnly, person } = options
    const console = await startConsole({ ...found, port, readOnly, person })
    return {
      console,
      async stop() {
        await console.stop()
        await stop()
      },
    }
  } catch (reason) {
    await stop()
    throw reason
  }
}

// Of a database that does not answer the page itself tells, and goes on asking.
async function refuseStrangerAt(url: string): Promise<void> {
  const db = openDatabase(url)
  try {
    const error = strangerError(await occupantOf(db.query).catch(() => 'nobody' as const))
    if (error) throw error
  } finally {
    await db.end()
  }
}

async function findDatabase(
  options: ConsoleCommand,
  deps: Deps,
): Promise<{ databaseUrl: string; health?: () => Promise<Health>; stop(): Promise<void> }> {
  if (options.embedded) {
    expectParts()
    deps.note('Starting Postgres, REST and the edge functions ...')
    // Not before it is needed: a stack is a lot of code.
    const { startStack } = await import('../dev/stack.ts')
    const stack = await startStack()
    await fillWithSample(stack.databaseUrl)
    return { databaseUrl: stack.databaseUrl, stop: stack.stop }
  }
  if (options.dbUrl && !options.local) {
    const databaseUrl = completeUrl(options.dbUrl, deps.env.SUPABASE_DB_PASSWORD, options.insecureTls)
    sayInsecurity(databaseUrl, deps.note)
    return { databaseUrl, stop: () => Promise.resolve() }
  }
  const project = await openProject(options, deps)
  return { databaseUrl: project.db.url, health: () => healthOf(project), stop: project.end }
}
