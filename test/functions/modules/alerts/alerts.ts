import type { Harness } from '../../../support/harness.ts'

export type Message = { text: string; alert: string; state: string; kind: string; subject: string; value: number }

/** What came into a queue, the first one first. */
export const messages = async (harness: Harness, queue: string): Promise<Message[]> =>
  (await harness.db.query('select payload from supaqueue.job where queue = $1 order by id', [queue])).rows
    .map(({ payload }) => payload)

export const watch = async (harness: Harness): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.watch_alerts() as told')).rows[0].told

/** Makes a rule that tells at once, unless `more` says otherwise. */
export const rule = async (
  harness: Harness,
  name: string,
  kind: string,
  threshold: number,
  notify: string,
  more: { queue?: string; clear_below?: number; raise_after?: string; clear_after?: string } = {},
): Promise<string> =>
  (await harness.db.query(
    `select supaqueue.set_alert($1, $2, $3, $4, queue => $5, clear_below => $6, raise_after => $7, clear_after => $8) as id`,
    [
      name,
      kind,
      threshold,
      notify,
      more.queue ?? null,
      more.clear_below ?? null,
      more.raise_after ?? '0',
      more.clear_after ?? '0',
    ],
  )).rows[0].id

/** What happened in a queue in this minute. */
export const happened = (harness: Harness, queue: string, succeeded: number, retried: number, failed = 0) =>
  harness.db.query(
    `insert into supaqueue.history (queue, span, at, succeeded, retried, failed)
     values ($1, 'minute', date_trunc('minute', now()), $2, $3, $4)
     on conflict on constraint history_has_one_row_per_span
     do update set succeeded = excluded.succeeded, retried = excluded.retried, failed = excluded.failed`,
    [queue, succeeded, retried, failed],
  )
