import { callHeaders } from './bare_fetch.ts'
import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { endProgram, nextMessage, startProgram } from './program.ts'

/** graphile-worker in a Node process of its own, whose task calls the function. Finished jobs are deleted: it keeps none. */
export const graphileWorker = (stack: BenchStack, batched: boolean): Contender => ({
  name: batched ? 'graphile-worker, batched' : 'graphile-worker',
  setup: batched
    ? 'concurrency and pool as many as calls at once; localQueue 500 and completeJobBatchDelay 0, as its page on performance has them'
    : 'concurrency and pool as many as calls at once, otherwise as it comes',
  async run({ fn, parallelism, jobs, payload }) {
    const child = await startProgram(new URL('graphile_worker.program.ts', import.meta.url), {
      databaseUrl: stack.databaseUrl,
      url: `${stack.apiUrl}/functions/v1/${fn}`,
      headers: callHeaders(stack),
      parallelism,
      jobs,
      batched,
    })
    try {
      const client = await stack.db.connect()
      let from: number
      try {
        await client.query('begin')
        await client.query(
          `select count(*) from graphile_worker.add_jobs(array(
             select ('call', $1::json, null, null, null, null, null, null)::graphile_worker.job_spec
             from generate_series(1, $2::integer)
           ))`,
          [payload.text, jobs],
        )
        from = performance.now()
        await client.query('commit')
      } finally {
        client.release()
      }
      await nextMessage(child)
      return { seconds: (performance.now() - from) / 1000, jobs }
    } finally {
      await endProgram(child)
    }
  },
})
