import { type BenchStack, isAsleep, makeQueue } from '../stack.ts'
import { until } from '../wait.ts'
import { allSucceeded } from './all_succeeded.ts'
import type { Contender } from './contender.ts'

/** This project. Every result is kept in its job. `unlimited`: a run need not end after so many jobs and turns. */
export const supaqueue = (stack: BenchStack, name: string, { unlimited = true, setup = '' } = {}): Contender => ({
  name,
  setup,
  async run({ fn, parallelism, jobs, payload }) {
    const { db, edge } = stack
    const limit = unlimited ? '10000000' : undefined
    await stack.set({ run_max_jobs: limit, run_max_turns: limit })
    const queue = await makeQueue(db, fn, parallelism)
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
    await until('all calls', () => (edge.counts()[fn] ?? 0) - called >= jobs)
    await until('all successes', () => allSucceeded(db, 'supaqueue.job', queue))
    const seconds = (performance.now() - from) / 1000
    await until('the queue to sleep', () => isAsleep(db, queue), { everyMs: 50 })
    return { seconds, jobs }
  },
})
