import { callHeaders } from './bare_fetch.ts'
import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { endProgram, nextMessage, startProgram } from './program.ts'

/** pg-boss in a Node process of its own. It keeps finished jobs, without a result. */
export const pgBoss = (stack: BenchStack): Contender => ({
  name: 'pg-boss',
  setup:
    'batches of 500, as many calls of a batch at once as allowed, and notifyWorker after each, so that no polling interval is waited for',
  async run({ fn, parallelism, jobs, payload }) {
    const child = await startProgram(new URL('pg_boss.program.ts', import.meta.url), {
      databaseUrl: stack.databaseUrl,
      url: `${stack.apiUrl}/functions/v1/${fn}`,
      headers: callHeaders(stack),
      payload: payload.text,
      parallelism,
      jobs,
    })
    try {
      const { ms = NaN } = await nextMessage(child)
      return { seconds: ms / 1000, jobs }
    } finally {
      await endProgram(child)
    }
  },
})
