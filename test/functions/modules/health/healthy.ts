import type { TestDatabase } from '../../../support/database.ts'
import type { Harness } from '../../../support/harness.ts'

export type Finding = {
  code: string
  severity: string
  text: string
  remedy: string | null
  since: string | null
  queue: string | null
}

/** A database in which dispatch works: pg_net has a worker, the sweep is scheduled and has run. */
export async function makeHealthy(database: TestDatabase, harness: Harness): Promise<void> {
  const worker = await database.connect('admin')
  await worker.query(`set application_name = 'pg_net stand-in'`)
  const owner = await database.connect('owner')
  await owner.query('select supaqueue_internal.schedule_sweep()')
  await harness.sweep()
}

/** All planned jobs have been due for so long, and no trigger has heard of it. */
export async function becomeDueUnnoticed(database: TestDatabase, since: string): Promise<void> {
  const admin = await database.connect('admin')
  await admin.query('set session_replication_role = replica')
  await admin.query(`update supaqueue.job set run_at = clock_timestamp() - $1::interval where status = 'pending'`, [
    since,
  ])
  await admin.query('reset session_replication_role')
}

export const findings = async (harness: Harness): Promise<Finding[]> =>
  (await harness.db.query(`select supaqueue.health() -> 'findings' as found`)).rows[0].found

export const codes = async (harness: Harness): Promise<string[]> => (await findings(harness)).map(({ code }) => code)
