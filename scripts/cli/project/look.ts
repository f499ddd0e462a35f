import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'
import { type Database, openDatabase } from './database.ts'
import { completeUrl, sayInsecurity } from './database_url.ts'
import { occupantOf, strangerError } from './occupant.ts'
import { openProject, type Target } from './open.ts'

/**
 * Opens the database for a command that only looks, and closes it after. A database URL is enough: no token is asked for
 * where one is given. Throws `SQ404` where nothing is installed, `SQ409` where an older release is, or somebody else.
 */
export async function look<T>(target: Target, deps: Deps, work: (db: Database) => Promise<T>): Promise<T> {
  const { db, end } = await open(target, deps)
  try {
    await assertInstalled(db)
    return await work(db)
  } catch (reason) {
    const { code, message, hint } = reason as { code?: string; message: string; hint?: string }
    // What the database itself has to say to a person.
    if (reason instanceof SupaqueueError || !code?.startsWith('SQ')) throw reason
    throw new SupaqueueError(code, message, hint ?? '')
  } finally {
    await end()
  }
}

async function open(target: Target, deps: Deps): Promise<{ db: Database; end(): Promise<void> }> {
  const given = target.dbUrl ?? (deps.env.SUPAQUEUE_DB_URL || undefined)
  if (given === undefined || target.local) return await openProject(target, deps)
  const url = completeUrl(given, deps.env.SUPABASE_DB_PASSWORD, target.insecureTls)
  sayInsecurity(url, deps.note)
  const db = openDatabase(url)
  return { db, end: db.end }
}

async function assertInstalled(db: Database): Promise<void> {
  const occupant = await occupantOf(db.query)
  const stranger = strangerError(occupant)
  if (stranger) throw stranger
  if (occupant === 'nobody') {
    throw new SupaqueueError('SQ404', 'supaqueue is not installed in this database', 'pnpm supaqueue:install')
  }
  const [views] = await db.query<{ current: boolean }>(
    `select to_regclass('supaqueue.queue_overview') is not null and to_regclass('supaqueue.failures') is not null as current`,
  )
  if (!views?.current) {
    throw new SupaqueueError('SQ409', 'the database is of an older release', 'pnpm supaqueue:upgrade')
  }
}
