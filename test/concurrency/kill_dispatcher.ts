import type pg from 'pg'
import type { Stack } from '../../scripts/dev/stack.ts'
import type { Visits } from '../../scripts/soak/visits.ts'
import { until } from '../support/until.ts'

/**
 * Kills the dispatcher, and returns the jobs it had then: whose call was begun, and whose report has not come. Their
 * leases are made to have run out, so that nobody has to wait for that.
 */
export async function killDispatcher(stack: Stack, visits: Visits, admin: pg.Client): Promise<number[]> {
  const net = stack.net!
  // No new run until its predecessors' rows have been read.
  await net.pause()
  await stack.edge.killFunction('supaqueue')
  await until(async () => (await turnsUnderWay(admin)) === 0)

  const { rows } = await admin.query<{ id: string; job: string }>(
    'select id, job from supaqueue.current_job where dispatcher is not null',
  )
  // The calls outlive their caller. While one is at work, its lease has not run out.
  await until(() => Promise.resolve(rows.every(({ job }) => visits.of(Number(job)).every((visit) => visit.wentAt))))
  await admin.query('update supaqueue.current_job set lease_until = now() where id = any ($1)', [
    rows.map(({ id }) => id),
  ])
  net.resume()
  await admin.query('select supaqueue.sweep()')
  return rows.map(({ job }) => Number(job))
}

async function turnsUnderWay(admin: pg.Client): Promise<number> {
  const { rows: [found] } = await admin.query(
    `select count(*)::int from pg_stat_activity
     where usename = 'authenticator' and state <> 'idle' and query like '%supaqueue_turn%'`,
  )
  return found.count
}
