import type { Harness } from '../../../support/harness.ts'

export type Act = {
  act: string
  queue_name: string | null
  job: number | null
  jobs: number | null
  role: string
  subject: string | null
  application: string | null
  person: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** What was written down, the first one first. */
export const acts = async (harness: Harness, queue?: string): Promise<Act[]> =>
  (await harness.db.query(
    `select act, queue_name, job, jobs, role, subject, application, person, before, after
     from supaqueue.audit where queue = $1::uuid or $1::uuid is null order by id`,
    [queue ?? null],
  )).rows
