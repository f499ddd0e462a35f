import { callHeaders } from './bare_fetch.ts'
import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { endProgram, nextMessage, startProgram } from './program.ts'

/**
 * pg-boss in a Node process of its own. It keeps finished jobs, without a result. `perCall`: how many jobs go in one call.
 * `ownBatch`: each call is a batch that is fetched and ended by itself.
 */
export const pgBoss = (stack: BenchStack, { perCall = 1, ownBatch = false } = {}): Contender => ({
  name: ownBatch ? `pg-boss, batches of ${perCall}` : perCall > 1 ? `pg-boss, ${perCall} a call` : 'pg-boss',
  setup: ownBatch
    ? `batchSize ${perCall} and a call for each batch, localConcurrency as many as calls at once; burstWhenBatchFull and statistics as pg-boss: a call that fails is of its own batch`
    : perCall > 1
    ? `as pg-boss, but ${perCall} jobs of a batch in one call, which says nothing of each: one that fails is of all 500`
    : 'batches of 500, as many calls of a batch at once as allowed, notifyWorker and burstWhenBatchFull, so that no polling interval is waited for; statistics of its table taken once the jobs are in it',
  async run({ fn, parallelism, jobs, payload }) {
    const child = await startProgram(new URL('pg_boss.program.ts', import.meta.url), {
      databaseUrl: stack.databaseUrl,
      url: `${stack.apiUrl}/functions/v1/${fn}`,
      headers: callHeaders(stack),
      payload: payload.text,
      parallelism,
      jobs,
      perCall,
      ownBatch,
    })
    try {
      const { ms = NaN } = await nextMessage(child)
      return { seconds: ms / 1000, jobs }
    } finally {
      await endProgram(child)
    }
  },
})
