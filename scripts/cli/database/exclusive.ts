import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { connect } from '../connection/client.ts'
import { UNTIMED } from './untimed.ts'

/** Any number that nobody else is likely to take: two installers at once must not run into each other. */
const INSTALL_LOCK = 1398100049

const WAIT_MS = 10 * 60_000
const LOOK_EVERY_MS = 500

const held = new AsyncLocalStorage<string>()

/**
 * Does `work` while no other installer is at work in this database: whoever comes second waits, and is told for whom.
 * Work within it may ask for the same again. The lock belongs to an open transaction of a connection of its own, so that it ends
 * with this process, and holds behind a pooler, too.
 *
 * @throws SupaqueueError SQ423 when the other one does not end in time
 */
export async function exclusively<T>(
  databaseUrl: string,
  say: (line: string) => void,
  work: () => Promise<T>,
  waitMs = WAIT_MS,
): Promise<T> {
  if (held.getStore() === databaseUrl) return await work()
  const db = await connect(databaseUrl, 'supaqueue install')
  try {
    await db.query(`begin; ${UNTIMED}`)
    await take(db, say, Date.now() + waitMs)
    return await held.run(databaseUrl, work)
  } finally {
    await db.end()
  }
}

async function take(db: pg.Client, say: (line: string) => void, deadline: number): Promise<void> {
  for (let told = false;; told = true) {
    const { rows: [lock] } = await db.query('select pg_try_advisory_xact_lock($1) as taken', [INSTALL_LOCK])
    if (lock.taken) return
    const { holder, isStranger } = await holderOf(db)
    // Any role can take the lock, and only one that may act for the owner can be at work here. What two installers do
    // at once without it is decided by the rows and tables that they write.
    if (isStranger) return say(`${holder} holds the lock of the installer and cannot be one: going on without it`)
    if (!told) say(`${holder ?? 'another session'} is at work on supaqueue in this database: waiting for its end`)
    if (Date.now() > deadline) {
      throw new SupaqueueError(
        'SQ423',
        `${holder ?? 'another session'} holds the lock of the installer in this database and does not end`,
        'Nothing was changed. Let it end, or end it (select pg_terminate_backend(<pid>);), then run the same command again.',
      )
    }
    await pause(LOOK_EVERY_MS)
  }
}

async function holderOf(db: pg.Client): Promise<{ holder?: string; isStranger: boolean }> {
  const { rows: [row] } = await db.query<{ pid: number; application: string; role: string; stranger: boolean }>(
    `select activity.pid, activity.application_name as application, activity.usename as role,
       not pg_has_role(activity.usesysid, current_user, 'member') as stranger
     from pg_locks as lock join pg_stat_activity as activity on activity.pid = lock.pid
     where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 1
       and lock.database = (select oid from pg_database where datname = current_database())
       and (lock.classid::bigint << 32) + lock.objid::bigint = $1
     limit 1`,
    [INSTALL_LOCK],
  )
  if (!row) return { isStranger: false }
  return {
    holder: `${row.application || 'somebody'} (role ${row.role}, pid ${row.pid})`,
    isStranger: row.stranger,
  }
}
