import { readFile } from 'node:fs/promises'
import type { BenchStack } from '../stack.ts'
import { until } from '../wait.ts'
import { allSucceeded } from './all_succeeded.ts'
import type { Contender } from './contender.ts'

// pg_net brings about one batch a second, so that more jobs would only take longer.
const jobsPerWorker = 6

/** A queue that works as the published supaqueue does: a pg_net request for each job, answered when the call is done. */
export const yardstick = (stack: BenchStack): Contender => ({
  name: 'a pg_net request per job',
  setup: `bench/yardstick, after the published supaqueue's description; ${jobsPerWorker} jobs per worker`,
  async run({ fn, parallelism, jobs, payload }) {
    await prepare(stack)
    const { db } = stack
    const fewer = Math.min(jobs, parallelism * jobsPerWorker)
    const { rows: [queue] } = await db.query(
      'insert into yardstick.queue (edge_function_name) values ($1) returning id',
      [fn],
    )
    await db.query('insert into yardstick.worker (queue) select $1 from generate_series(1, $2)', [
      queue.id,
      parallelism,
    ])

    const client = await db.connect()
    let from: number
    try {
      await client.query('begin')
      await client.query(
        'insert into yardstick.job (queue, payload) select $1, $2::jsonb from generate_series(1, $3::integer)',
        [queue.id, payload.text, fewer],
      )
      from = performance.now()
      await client.query('commit')
    } finally {
      client.release()
    }
    await until('the last success', () => allSucceeded(db, 'yardstick.job', queue.id))
    const seconds = (performance.now() - from) / 1000
    // A free worker of an old queue would be looked at by every job.
    await db.query('delete from yardstick.worker where queue = $1', [queue.id])
    return { seconds, jobs: fewer }
  },
})

async function prepare({ db, apiUrl, secret, edge }: BenchStack): Promise<void> {
  const { rows: [found] } = await db.query(`select to_regclass('yardstick.job') is not null as there`)
  if (found.there) return
  await db.query(await readFile(new URL('../yardstick/yardstick.sql', import.meta.url), 'utf8'))
  await db.query('insert into yardstick.secret values ($1, $2)', [`${apiUrl}/functions/v1`, secret])
  await edge.warm('yardstick')
}
