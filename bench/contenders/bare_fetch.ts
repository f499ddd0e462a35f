import type { BenchStack } from '../stack.ts'
import type { Contender } from './contender.ts'
import { runDeno } from './program.ts'

/** What a queue could reach at best: the calls alone. */
export const bareFetch = (stack: BenchStack): Contender => ({
  name: 'bare fetch, no queue',
  setup: 'a Deno process that calls the function and does nothing else; connections warm before the clock starts',
  async run({ fn, parallelism, jobs, payload }) {
    const { ms = NaN } = await runDeno(new URL('bare_fetch.deno.ts', import.meta.url), {
      url: `${stack.apiUrl}/functions/v1/${fn}`,
      headers: callHeaders(stack),
      body: payload.text,
      parallelism,
      calls: jobs,
    })
    return { seconds: ms / 1000, jobs }
  },
})

/** What everybody sends along. */
export const callHeaders = (stack: BenchStack) => ({ 'content-type': 'application/json', apikey: stack.keys.secret })
