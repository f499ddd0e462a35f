import type { House } from '../../../support/house.ts'

/** Posts a wake-up of a queue of its own and returns the id of the request. */
export const posted = async (house: House): Promise<string> => {
  const queue = await house.queue()
  await house.db.query('select supaqueue_internal.wake($1)', [queue])
  return (await house.db.query('select request::text from supaqueue.wake_up where queue = $1', [queue])).rows[0].request
}

/** What pg_net writes down when an answer has come. */
export const answered = (
  house: House,
  request: string,
  status: number | null,
  content: string | null,
  error?: string,
) =>
  house.db.query(
    'insert into net._http_response (id, status_code, content, error_msg) values ($1, $2, $3, $4)',
    [request, status, content, error ?? null],
  )
