import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { answer } from '../answer.ts'
import type { Rest } from './rest.ts'

/** How REST can be ill. Each may be changed at any time and counts for the requests that come after. */
export type Faults = {
  /** `reset` drops the connection without a word; `unavailable` answers 503, as the hosted gateway does. */
  refuse?: 'reset' | 'unavailable'
  /** Milliseconds before a request is handled. */
  delayMs: number
  /** Does the work, and then drops the connection instead of answering: each time, or every other. */
  loseAnswers: boolean | 'every other'
}

export const noFaults = (): Faults => ({ delayMs: 0, loseAnswers: false })

/** The same handler, ill when the faults say so. */
export const withFaults = (handle: Rest['handle'], faults: Faults, count = { asked: 0 }): Rest['handle'] =>
async (
  request,
  response,
  caller,
) => {
  if (faults.delayMs > 0) await pause(faults.delayMs)
  if (faults.refuse === 'reset') return void request.socket.destroy()
  if (faults.refuse === 'unavailable') return answer(response, 503, { message: 'name resolution failed' })
  const loses = faults.loseAnswers === 'every other' ? count.asked++ % 2 === 0 : faults.loseAnswers
  if (loses) lose(request, response)
  await handle(request, response, caller)
}

function lose(request: IncomingMessage, response: ServerResponse) {
  const silent = () => response
  Object.assign(response, {
    writeHead: silent,
    flushHeaders: silent,
    write: () => true,
    end: () => {
      request.socket.destroy()
      return response
    },
  })
}
