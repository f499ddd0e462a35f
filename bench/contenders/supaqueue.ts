import { type BenchStack, isAsleep, makeQueue } from '../stack.ts'
import { until } from '../wait.ts'
import { allSucceeded } from './all_succeeded.ts'
import type { Contender } from './contender.ts'

/**
 * This project. Every result is kept in its job. `unlimited`: a run need not end after so many jobs and turns. With a
 * `batch` above 1 a call has so many jobs, and is of the function `noops`.
 */
export const supaqueue = (
  stack: BenchStack,
  name: string,
  { unlimited = true, setup = '', batch = 1 } = {},
): Contender => ({
  name,
  setup,
  postgresPid: stack.postgres?.pid,
  async run({ fn: single, parallelism, jobs, payload }) {
    const fn = batch > 1 ? 'noops' : single
    const { db, edge } = stack
    const limit = unlimited ? '10000000' : undefined
    await stack.set({ run_max_jobs: limit, run_max_turns: limit })
    const queue = await makeQueue(db, fn, parallelism)
    if (batch > 1) await db.query('update supaqueue.queue set batch_size = $2 where id = $1', [queue, batch])
    // A queue without jobs may have been woken by its workers.
    await until('a new queue to sleep', () => isAsleep(db, queue))

    const called = edge.counts()[fn] ?? 0
    const client = await db.connect()
    let from: number
    try {
      await client.query('begin')
      await client.query(
        'insert into supaqueue.job (queue, payload) select $1, $2::jsonb from generate_series(1, $3::integer)',
        [queue, payload.text, jobs],
      )
      from = performance.now()
      await client.query('commit')
    } finally {
      client.release()
    }

    // The database is not asked before all calls were made: asking costs it time.
    await until('all calls', () => (edge.counts()[fn] ?? 0) - called >= Math.ceil(jobs / batch))
    await until('all successes', () => allSucceeded(db, 'supaqueue.job', queue))
    const seconds = (performance.now() - from) / 1000
    await until('the queue to sleep', () => isAsleep(db, queue), { everyMs: 50 })
    return { seconds, jobs }
  },
})
