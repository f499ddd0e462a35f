import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** A call as the user's function got it: headers in lower case, the payload parsed. */
// deno-lint-ignore no-explicit-any
export type Call = { headers: Record<string, string>; payload: any }

export type Answer = { status?: number; body?: unknown }

/** What the function `witness` needs to be found by a stack. */
export const witnessFunctions = fileURLToPath(new URL('functions', import.meta.url))

/**
 * Stands behind the edge function `witness`, which hands every call on to here. `answerWith` says what the function
 * answers, by default 200 and the payload; a promise keeps the function waiting.
 */
export async function startWitness() {
  const calls: Call[] = []
  const echo = ({ payload }: Call): Answer => ({ body: payload })
  let answer: (call: Call) => Answer | Promise<Answer> = echo

  const server = createServer(async (request, response) => {
    const { headers, body } = await json(request) as { headers: Record<string, string>; body: string }
    const call = { headers, payload: JSON.parse(body) }
    calls.push(call)
    const { status = 200, body: result = null } = await answer(call)
    response.writeHead(status).end(JSON.stringify(result))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    /** To be given to a stack. */
    environment: { WITNESS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    /** Every call since the last `forget`, in the order of their beginning. */
    calls,
    answerWith(next: typeof answer) {
      answer = next
    },
    forget() {
      calls.length = 0
      answer = echo
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type Witness = Awaited<ReturnType<typeof startWitness>>
