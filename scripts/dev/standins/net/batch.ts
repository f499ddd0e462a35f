import type pg from 'pg'
import { type Counts, deliver, type Intercept } from './deliver.ts'
import { expire, type Request, writeAnswer } from './queue.ts'
import type { Session } from './session.ts'

export type Delivery = {
  takeBatch(client: pg.Client): Promise<Request[]>
  fateOf: Intercept
  counts: Counts
  abandoned: AbortSignal
}

/**
 * One loop of the original, in one transaction: take a batch off the queue, send all of it at once, wait until the
 * slowest has ended, write the answers. Returns whether there was anything to do.
 */
export async function pacedBatch({ client }: Session, delivery: Delivery): Promise<boolean> {
  const { takeBatch, fateOf, counts, abandoned } = delivery
  await client.query('begin')
  // Whoever abandons the batch rolls it back. A statement after that would be a transaction of its own.
  abandoned.throwIfAborted()
  const expired = await expire(client)
  abandoned.throwIfAborted()
  const requests = await takeBatch(client)
  if (requests.length > 0) counts.batches++
  counts.taken += requests.length

  const answers = await Promise.all(
    requests.map((request) => deliver(request, fateOf(request), counts, abandoned)),
  )
  for (const [place, request] of requests.entries()) {
    const answer = answers[place]
    abandoned.throwIfAborted()
    if (answer) await writeAnswer(client, request.id, answer)
  }
  abandoned.throwIfAborted()
  await client.query('commit')
  return requests.length + expired > 0
}

/**
 * The same without the original's slowness: requests leave the queue for good before they are sent, and each answer is
 * written when it comes. Nobody waits for the slowest.
 */
export async function hastyBatch({ client }: Session, delivery: Delivery): Promise<boolean> {
  const { takeBatch, fateOf, counts, abandoned } = delivery
  const requests = await takeBatch(client)
  if (requests.length > 0) counts.batches++
  counts.taken += requests.length

  for (const request of requests) {
    deliver(request, fateOf(request), counts, abandoned)
      .then((answer) => answer && writeAnswer(client, request.id, answer))
      // Abandoned, or the database is gone: the answer is lost, as it would be with the worker.
      .catch(() => {})
  }
  return requests.length > 0
}
