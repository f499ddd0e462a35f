import type pg from 'pg'
import type { Answer } from './send.ts'

export type Request = {
  id: string
  method: string
  url: string
  headers: Record<string, string>
  body: Buffer | null
  timeoutMs: number
}

// Both are the original's defaults, which a hosted project cannot change.
const batchSize = 200
const keptFor = '6 hours'

/** Deletes responses that have expired and says how many. */
export async function expire(client: pg.Client): Promise<number> {
  const { rowCount } = await client.query({
    name: 'expire',
    text: `delete from net._http_response
      where ctid = any (array(
        select ctid from net._http_response where created < now() - $1::interval order by created limit $2
      ))`,
    values: [keptFor, batchSize],
  })
  return rowCount ?? 0
}

/** Takes the oldest requests off the queue, a batch at most. */
export async function take(client: pg.Client): Promise<Request[]> {
  const { rows } = await client.query<Request>({
    name: 'take',
    text: `with oldest as (select id from net.http_request_queue order by id limit $1)
      delete from net.http_request_queue as queued
      using oldest
      where queued.id = oldest.id
      returning
        queued.id,
        upper(queued.method) as method,
        queued.url,
        (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(queued.headers) where value is not null)
          as headers,
        queued.body,
        queued.timeout_milliseconds as "timeoutMs"`,
    values: [batchSize],
  })
  return rows.sort((one, other) => Number(one.id) - Number(other.id))
}

/** Writes down what came of a request. */
export async function writeAnswer(client: pg.Client, id: string, answer: Answer): Promise<void> {
  await client.query({
    name: 'answer',
    text: `insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
      values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      id,
      answer.status,
      answer.contentType,
      answer.headers && JSON.stringify(answer.headers),
      // PostgreSQL has no text with a zero byte.
      answer.content?.replaceAll('\0', '') ?? null,
      answer.timedOut,
      answer.error,
    ],
  })
}
