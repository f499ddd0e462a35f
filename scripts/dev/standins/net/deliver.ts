import { setTimeout as pause } from 'node:timers/promises'
import type { Request } from './queue.ts'
import { type Answer, failure, send } from './send.ts'

/** What becomes of a request: it is sent, lost, sent twice, sent late, sent elsewhere, or answered with an error and not sent. */
export type Fate = 'send' | 'drop' | 'double' | { delayMs: number } | { url: string } | { refusal: string }
export type Intercept = (request: Request) => Fate

export type Counts = {
  /** Loops that found requests. */
  batches: number
  /** Requests taken off the queue. */
  taken: number
  /** Requests that were sent; a doubled one counts twice. */
  sent: number
  dropped: number
  doubled: number
  delayed: number
  /** Sent, and neither answered nor timed out. */
  failed: number
  timedOut: number
}

export const noCounts = (): Counts => ({
  batches: 0,
  taken: 0,
  sent: 0,
  dropped: 0,
  doubled: 0,
  delayed: 0,
  failed: 0,
  timedOut: 0,
})

/** Lets a request meet its fate. Null: it was dropped, and nobody will ever hear of it. */
export async function deliver(request: Request, fate: Fate, counts: Counts, abandoned: AbortSignal) {
  if (fate === 'drop') {
    counts.dropped++
    return null
  }
  if (typeof fate === 'object' && 'refusal' in fate) return failure(fate.refusal, false)
  if (typeof fate === 'object' && 'url' in fate) request = { ...request, url: fate.url }
  if (typeof fate === 'object' && 'delayMs' in fate) {
    counts.delayed++
    await pause(fate.delayMs, undefined, { signal: abandoned })
  }
  if (fate === 'double') counts.doubled++

  const copies = fate === 'double' ? [request, request] : [request]
  const answers = await Promise.all(copies.map((copy) => sendAndCount(copy, counts, abandoned)))
  return answers[0] ?? null
}

async function sendAndCount(request: Request, counts: Counts, abandoned: AbortSignal): Promise<Answer> {
  counts.sent++
  const answer = await send(request, abandoned)
  if (answer.timedOut) counts.timedOut++
  else if (answer.error !== null) counts.failed++
  return answer
}
