import * as z from 'zod'
import { ALERT_KINDS, type Done, QUEUE_SETTINGS } from '../../console/answers.ts'
import { isJson } from '../../console/json.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { filterText } from './reads/failures.ts'
import { payloadText } from './reads/filter.ts'
import { refusalOf } from './refusal.ts'
import type { Source } from './source.ts'

/** Changes something, as the body says; returns what came of it. */
export type Act = (body: unknown) => Promise<unknown>

// A payload of the largest size that a queue takes by default, and some more.
export const LARGEST = 2_000_000

// With what the original had of its own; but its key, which may be taken, and what it waited for.
const CLONE = `
  select supaqueue.enqueue(
    job.queue::text, $2::jsonb, job.priority, headers => job.headers, version => job.version,
    max_attempts => job.max_attempts, timeout_ms => job.timeout_ms, concurrency_key => job.concurrency_key
  ) as job
  from supaqueue.job where job.id = $1`

// Values as texts, which the columns read as they read any.
const EDIT_SETTINGS = `
  update supaqueue.queue as kept
  set (
    timeout_ms, per_key, batch_size, batch_wait_ms, max_attempts, retry_base_ms, retry_factor, retry_max_ms, max_deferrals,
    max_defer_ms, payload_max_bytes, result_max_bytes, keep_success, keep_failed, keep_success_attempts,
    batch_by, batch_counts, ordered, after_failure, dedupe_until
  ) = (
    select wanted.timeout_ms, wanted.per_key, wanted.batch_size, wanted.batch_wait_ms, wanted.max_attempts,
      wanted.retry_base_ms, wanted.retry_factor, wanted.retry_max_ms, wanted.max_deferrals, wanted.max_defer_ms,
      wanted.payload_max_bytes, wanted.result_max_bytes, wanted.keep_success, wanted.keep_failed,
      wanted.keep_success_attempts, wanted.batch_by, wanted.batch_counts, wanted.ordered, wanted.after_failure,
      wanted.dedupe_until
    from jsonb_populate_record(kept, $2::jsonb) as wanted
  )
  where kept.name = $1
  returning kept.name`

const queue = z.string().min(1)
// Null: all queues.
const meant = queue.nullable()
const filter = z.record(z.string(), z.unknown()).and(z.object({ payload: payloadText.optional() }))

/** What can be done, by its path below /api/. */
export function makeActs(source: Source): Record<string, Act> {
  const one = async (sql: string, values: unknown[]) => (await source.act(sql, values))[0]

  return {
    'pause': act(
      z.object({ queue, reason: z.string().nullish(), minutes: z.number().positive().nullish() }),
      ({ queue, reason, minutes }) =>
        one(
          `select supaqueue.pause($1, clock_timestamp() + $2::float8 * interval '1 minute', nullif($3, ''))`,
          [queue, minutes ?? null, reason ?? ''],
        ),
    ),
    'resume': act(z.object({ queue }), ({ queue }) => one('select supaqueue.resume($1) as changed', [queue])),
    'set-concurrency': act(
      z.object({ queue, calls: z.int().min(0).max(10_000) }),
      ({ queue, calls }) => one('select supaqueue.set_concurrency($1, $2) as changed', [queue, calls]),
    ),
    'set-max-rps': act(
      z.object({ queue, max_rps: z.number().positive().nullable() }),
      ({ queue, max_rps }) => one('select supaqueue.set_max_rps($1, $2)', [queue, max_rps]),
    ),
    'try-target': act(z.object({ queue }), ({ queue }) => one('select supaqueue.try_target($1) as tried', [queue])),
    'sweep': act(z.object({}), () => one('select * from supaqueue.sweep()', [])),
    'retry-where': act(
      z.object({ queue: meant, filter, most: z.int().min(1).nullable(), per_second: z.number().positive().nullable() }),
      async ({ queue, filter, most, per_second }) =>
        (await one('select supaqueue.retry_where($1, $2::jsonb, $3::integer, $4::float8) as done', [
          queue,
          filterText(filter),
          most,
          per_second,
        ]) as { done: unknown }).done,
    ),
    'discard-where': act(
      z.object({ queue: meant, filter }),
      async ({ queue, filter }) =>
        (await one('select supaqueue.discard_where($1, $2::jsonb) as done', [queue, filterText(filter)]) as {
          done: unknown
        }).done,
    ),
    'undo-bulk': act(
      z.object({ action: z.int() }),
      ({ action }) => one('select supaqueue.undo_bulk($1) as jobs', [action]),
    ),
    'enable-schedule': act(
      z.object({ schedule: z.uuid(), enabled: z.boolean() }),
      async ({ schedule, enabled }) => {
        const sql = 'update supaqueue.schedule set enabled = $2 where id = $1 returning name'
        const changed = await one(sql, [schedule, enabled])
        if (changed) return changed
        throw new SupaqueueError('SQ404', 'there is no such schedule any more', 'Nothing was changed.')
      },
    ),
    'pause-hook': act(
      z.object({ hook: z.string().min(1), reason: z.string().nullish() }),
      ({ hook, reason }) => one(`select supaqueue.pause_hook($1, nullif($2, '')) as since`, [hook, reason ?? '']),
    ),
    'resume-hook': act(
      z.object({ hook: z.string().min(1) }),
      ({ hook }) => one('select supaqueue.resume_hook($1) as changed', [hook]),
    ),
    'cancel-backfill': act(
      z.object({ backfill: z.int() }),
      ({ backfill }) => one('select supaqueue.cancel_backfill($1) as changed', [backfill]),
    ),
    'resume-backfill': act(
      z.object({ backfill: z.int() }),
      ({ backfill }) => one('select supaqueue.resume_backfill($1) as changed', [backfill]),
    ),
    'enqueue': act(
      z.object({
        queue,
        payload: z.string().max(LARGEST),
        priority: z.int().nullable(),
        delay_s: z.number().min(0).max(31_536_000).nullable(),
      }),
      ({ queue, payload, priority, delay_s }) =>
        one(
          `select supaqueue.enqueue($1, $2::jsonb, coalesce($3::integer, 0), delay => $4::float8 * interval '1 second') as job`,
          [queue, jsonOf(payload, 'the payload'), priority, delay_s],
        ),
    ),
    'clone': act(
      z.object({ job: z.int(), payload: z.string().max(LARGEST) }),
      async ({ job, payload }) => {
        const made = await one(CLONE, [job, jsonOf(payload, 'the payload')])
        if (made) return made
        throw new SupaqueueError('SQ404', `there is no job ${job} any more`, 'Nothing was enqueued.')
      },
    ),
    'edit-schedule': act(
      z.object({
        schedule: z.uuid(),
        cron: z.string().min(1).max(200),
        time_zone: z.string().min(1).max(200),
        payload: z.string().max(LARGEST),
        catch_up: z.enum(['none', 'one', 'all']),
        overlap: z.boolean(),
      }),
      async ({ schedule, cron, time_zone, payload, catch_up, overlap }) => {
        const sql = `
          update supaqueue.schedule set cron = $2, time_zone = $3, payload = $4::jsonb, catch_up = $5, overlap = $6
          where id = $1 returning name`
        const changed = await one(sql, [schedule, cron, time_zone, jsonOf(payload, 'the payload'), catch_up, overlap])
        if (changed) return changed
        throw new SupaqueueError('SQ404', 'there is no such schedule any more', 'Nothing was changed.')
      },
    ),
    'edit-settings': act(
      z.object({ queue, settings: z.partialRecord(z.enum(QUEUE_SETTINGS), z.string().max(100).nullable()) }),
      async ({ queue, settings }) => {
        const changed = await one(EDIT_SETTINGS, [queue, JSON.stringify(settings)])
        if (changed) return changed
        throw new SupaqueueError('SQ404', `there is no queue ${queue} any more`, 'Nothing was changed.')
      },
    ),
    'set-alert': act(
      z.object({
        name: z.string().min(1).max(100),
        kind: z.enum(ALERT_KINDS),
        threshold: z.number().min(0),
        notify: queue,
        queue: queue.nullable(),
        clear_below: z.number().min(0).nullable(),
        raise_after: z.string().min(1).max(100),
        clear_after: z.string().min(1).max(100),
      }),
      ({ name, kind, threshold, notify, queue, clear_below, raise_after, clear_after }) =>
        one('select supaqueue.set_alert($1, $2, $3, $4, $5, $6, $7::interval, $8::interval) as id', [
          name,
          kind,
          threshold,
          notify,
          queue,
          clear_below,
          raise_after,
          clear_after,
        ]),
    ),
    'delete-alert': act(
      z.object({ name: z.string() }),
      ({ name }) => one('select supaqueue.delete_alert($1) as id', [name]),
    ),
    'enable-alert': act(
      z.object({ name: z.string(), enabled: z.boolean() }),
      ({ name, enabled }) => one('select supaqueue.enable_alert($1, $2) as id', [name, enabled]),
    ),
    'try-again': act(
      z.object({ kind: z.string().nullable(), subject: z.string().nullable() }),
      ({ kind, subject }) => one('select supaqueue.try_again($1, $2) as settled', [kind, subject]),
    ),
    'signal': act(
      z.object({ job: z.int(), name: z.string().min(1).max(200), payload: z.string().max(262_144) }),
      ({ job, name, payload }) =>
        one('select supaqueue.signal($1, $2, $3) as signal', [job, name, jsonOf(payload, 'what the signal carries')]),
    ),
    'retry': each('select supaqueue.retry($1) as changed'),
    'cancel': each('select supaqueue.cancel($1) as changed'),
    'run-now': each('select supaqueue.run_now($1) as changed'),
    'hold': each('select supaqueue.hold($1) as changed'),
    'release': each('select supaqueue.release($1) as changed'),
  }

  /** Does the same to each of some jobs. One that is refused stands in no other's way. */
  function each(sql: string): Act {
    return act(z.object({ jobs: z.array(z.int()).min(1).max(1000) }), async ({ jobs }): Promise<Done> => {
      const refused: Done['refused'] = []
      for (const job of jobs) {
        await source.act(sql, [job]).catch((reason) => {
          const { refusal } = refusalOf(reason)
          if (!refusal.code.startsWith('SQ')) throw reason
          refused.push({ job, ...refusal })
        })
      }
      return { done: jobs.length - refused.length, refused: refused.slice(0, 20) }
    })
  }
}

/** JSON as somebody has typed it, to the letter: read and written anew, numbers would lose digits. Nothing is null. */
function jsonOf(text: string, what: string): string {
  if (text.trim() === '') return 'null'
  if (isJson(text)) return text
  throw new SupaqueueError(
    'SQ422',
    `${what} is not JSON`,
    'Nothing was sent or changed. A text stands in quotes: "yes".',
  )
}

function act<Body>(shape: z.ZodType<Body>, work: (body: Body) => Promise<unknown>): Act {
  return async (body) => {
    const read = shape.safeParse(body)
    if (!read.success) throw new SupaqueueError('SQ422', z.prettifyError(read.error), 'Nothing was changed.')
    return await work(read.data) ?? {}
  }
}
