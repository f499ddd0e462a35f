import { randomUUID } from 'node:crypto'
import type { Harness, Token } from './harness.ts'

/** A run that is the leader of an ordered queue, and takes and reports its jobs one by one. */
export async function inLine(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 5, ordered: 'key', retry_base_ms: 0, ...settings })
  const run = randomUUID()
  await harness.turn(run, queue)

  return {
    queue,
    run,
    job: (key: string | undefined, more: Parameters<Harness['job']>[1] = {}) =>
      harness.job(queue, key === undefined ? more : { concurrency_key: key, ...more }),
    /** The ids of the jobs that one turn begins. */
    take: async (room = 25) => (await harness.take(run, queue, room)).map(({ job }) => job.id),
    /** Reports a job that is in progress, and returns the ids of those that the same turn begins. */
    end: async (job: number, outcome: 'success' | 'failed' | 'killed' | 'parked' | 'dropped' = 'success') => {
      const { id } = await harness.currentJob(job) as { id: Token }
      const { jobs } = await harness.turn(run, queue, { reports: [{ token: id, outcome }], room: 25 })
      return jobs.map((one) => one.job.id)
    },
    places: async () =>
      (await harness.db.query('select line, job from supaqueue.place_in_line where queue = $1 order by line, job', [
        queue,
      ])).rows,
  }
}
