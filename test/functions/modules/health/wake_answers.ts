import type { Harness } from '../../../support/harness.ts'

/** Posts a wake-up of a queue of its own and returns the id of the request. */
export const posted = async (harness: Harness): Promise<string> => {
  const queue = await harness.queue()
  await harness.db.query('select supaqueue_internal.wake($1)', [queue])
  return (await harness.db.query('select request::text from supaqueue.wake_up where queue = $1', [queue])).rows[0]
    .request
}

/** What pg_net writes down when an answer has come. */
export const answered = (
  harness: Harness,
  request: string,
  status: number | null,
  content: string | null,
  error?: string,
) =>
  harness.db.query(
    'insert into net._http_response (id, status_code, content, error_msg) values ($1, $2, $3, $4)',
    [request, status, content, error ?? null],
  )
