import { randomUUID } from 'node:crypto'
import type { Harness } from './harness.ts'

type OnFailure = 'cancel' | 'run' | 'hold'

/** The verbs of pipelines, over one session. */
export const pipeline = (harness: Harness) => ({
  /** Makes a job wait for others; returns for how many. */
  async depend(target: number, sources: (number | null)[], onFailure?: OnFailure): Promise<number> {
    const { rows: [{ waits }] } = await harness.db.query(
      `select supaqueue.depend($1, $2${onFailure ? ', $3' : ''}) as waits`,
      [target, sources, ...(onFailure ? [onFailure] : [])],
    )
    return waits
  },

  /** Inserts dependencies as a user would by hand, in one statement. */
  async insert(...edges: [source: number, target: number][]): Promise<void> {
    await harness.db.query(
      'insert into supaqueue.job_dependency (source, target) select * from unnest($1::bigint[], $2::bigint[])',
      [edges.map(([source]) => source), edges.map(([, target]) => target)],
    )
  },

  /** What a job depends on, and how that ended. */
  async edges(target: number): Promise<{ source: number; ended_as: string | null; on_failure: OnFailure }[]> {
    const { rows } = await harness.db.query(
      'select source, ended_as, on_failure from supaqueue.job_dependency where target = $1 order by source',
      [target],
    )
    return rows
  },

  async state(job: number): Promise<{ status: string; waits_for: number }> {
    const { status, waits_for } = await harness.jobRow(job)
    return { status, waits_for }
  },

  /** Begins the jobs of a queue that are due and reports them, by turns of a run. */
  async work(queue: string, outcome: 'success' | 'killed' = 'success', room = 25): Promise<number[]> {
    const run = randomUUID()
    const taken = await harness.take(run, queue, room)
    if (taken.length > 0) await harness.report(run, queue, taken.map((entry) => entry.current_job.id), outcome)
    return taken.map((entry) => entry.job.id)
  },

  async lookAgain(): Promise<number> {
    return (await harness.db.query('select supaqueue_internal.look_again() as noted')).rows[0].noted
  },

  /** How many notes there are about a job. */
  async notes(job: number): Promise<number> {
    return (await harness.db.query('select count(*) from supaqueue.unsettled where job = $1', [job])).rows[0].count
  },
})

export type Pipeline = ReturnType<typeof pipeline>
