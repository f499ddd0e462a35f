import type pg from 'pg'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

// Whoever comes while we wait for a table waits behind us, and may hold another one that we want. Both times together are well
// under the second after which PostgreSQL looks for deadlocks: of two who wait for each other it is we who give way, and no user.
const FIRST_MS = 400
const FURTHER_MS = 100

/** Whatever writes several of our tables begins with this one: once it is ours, what is under way has passed, and nothing new begins. */
const GATE = 'supaqueue.job'

/**
 * Takes tables for ourselves before anything else is locked: the gate first; or, without the gate, one table by itself.
 *
 * @throws DatabaseError 55P03 when they cannot be had in a moment; the transaction is to be rolled back then
 */
export async function lockTables(db: pg.ClientBase, tables: string[], gate = true): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where c.oid = any (select to_regclass(name) from unnest($1::text[]) as name)
     order by name`,
    [[...new Set(gate ? [GATE, ...tables] : tables)]],
  )
  await db.query(`set local lock_timeout = ${FIRST_MS}`)
  for (const { name } of rows.filter(({ name }) => name === GATE || !gate)) await lock(name)
  await db.query(`set local lock_timeout = ${FURTHER_MS}`)
  const further = rows.filter(({ name }) => name !== GATE && gate).map(({ name }) => name)
  if (further.length > 0) await lock(further.join(', '))

  async function lock(names: string): Promise<void> {
    await db.query(`lock table ${names} in access exclusive mode`)
  }
}

/** Why a try is to be repeated; undefined for what a repetition does not fix. */
export function passing(reason: unknown): 'locked' | 'deadlock' | undefined {
  const { code, cause } = reason as { code?: string; cause?: unknown }
  if (code === '55P03') return 'locked'
  if (code === '40P01') return 'deadlock'
  return cause === undefined ? undefined : passing(cause)
}

/**
 * Transactions of others that hold our tables: the longest first. Looked at before we try, so that nobody waits behind us in vain.
 * Tables of another database may have the same numbers as ours: those of a copy do.
 */
export async function holders(db: pg.ClientBase, tables: string[], overMs: number): Promise<string[]> {
  const { rows } = await db.query<{ text: string }>(
    `select distinct activity.xact_start, format('%s, held by %s (role %s, pid %s, %s) in a transaction that began %s s ago',
        string_agg(distinct lock.relation::regclass::text, ', '),
        coalesce(nullif(activity.application_name, ''), 'a session'), activity.usename, activity.pid, activity.state,
        extract(epoch from clock_timestamp() - activity.xact_start)::integer) as text
     from pg_locks as lock join pg_stat_activity as activity on activity.pid = lock.pid
     where lock.database = (select oid from pg_database where datname = current_database())
       and lock.relation = any (select to_regclass(name) from unnest($1::text[]) as name)
       and lock.granted and activity.pid <> pg_backend_pid()
       and activity.xact_start < clock_timestamp() - $2 * interval '1 millisecond'
     group by activity.pid, activity.application_name, activity.usename, activity.state, activity.xact_start
     order by activity.xact_start
     limit 3`,
    [[...new Set(tables)], overMs],
  )
  return rows.map(({ text }) => text)
}

/** The end of what we wait, told apart: somebody who keeps a table, or traffic that keeps crossing ours. */
export const stillLocked = (met: 'locked' | 'deadlock', held: string[]): SupaqueueError =>
  met === 'deadlock'
    ? new SupaqueueError(
      'SQ423',
      `every try to change the tables of supaqueue ended in a deadlock with other sessions`,
      'The tables are as they were. Pause what writes to these tables (select supaqueue.pause(name) from supaqueue.queue;), then run the same command again.',
    )
    : new SupaqueueError(
      'SQ423',
      held.length > 0
        ? `a table of supaqueue is locked by a long transaction: ${held.join('; ')}`
        : `the tables of supaqueue were not free for a moment`,
      held.length > 0
        ? 'The tables are as they were. End that transaction (select pg_terminate_backend(<pid>);) or wait for it, then run the same command again.'
        : 'The tables are as they were. Run the same command again when less is going on; select * from pg_stat_activity shows what is.',
    )
