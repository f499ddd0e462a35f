import { z } from '@hono/zod-openapi'
import { count, integer, jobId, limit, maxRps, queueName, time } from './fields.ts'
import type { Route } from './route.ts'

const overview = z.object({
  id: z.uuid(),
  name: z.string(),
  target: z.string().openapi({ description: 'The edge function, or the URL.' }),
  mode: z.enum(['push', 'pull']),
  paused: z.boolean(),
  paused_until: time.nullable(),
  paused_reason: z.string().nullable(),
  circuit_open_until: time.nullable().openapi({ description: 'Until then nothing is called.' }),
  circuit_reason: z.string().nullable(),
  circuit_since: time.nullable(),
  paused_by: z.string().nullable().openapi({ description: 'Who paused it.' }),
  paused_since: time.nullable(),
  fault: z.string().nullable().openapi({ description: 'Why nothing moves, when something is wrong.' }),
  remedy: z.string().nullable().openapi({ description: 'The statement or command that fixes it.' }),
  circuit_target: z.string().nullable().openapi({ description: 'What is left alone: a function, or a host.' }),
  max_rps: z.number().nullable(),
  workers: count.openapi({ description: 'How many calls at once.' }),
  workers_taken: count,
  running: count,
  waiting: count.openapi({ description: 'Counted up to 10000, as are due and failed.' }),
  due: count,
  oldest_due: time.nullable(),
  failed: count,
  per_minute: z.number().openapi({ description: 'Calls that ended in a minute, over the last five minutes.' }),
  error_rate: z.number().nullable().openapi({ description: 'The share of them that failed.' }),
  p50_ms: z.number().nullable().openapi({ description: 'The median of how long they took.' }),
  p95_ms: z.number().nullable(),
  enqueued_per_minute: z.number().openapi({ description: 'Jobs that came, over the last five minutes.' }),
  ended_per_minute: z.number().openapi({ description: 'Jobs that ended, over the last five minutes.' }),
  drains_per_minute: z.number().openapi({ description: 'By how many jobs the backlog shrinks; below 0 it grows.' }),
  empty_in_ms: z.number().nullable().openapi({ description: 'When no job is due any more, if it goes on like this.' }),
}).openapi('QueueOverview')

const positive = z.int().min(1).max(2_147_483_647)
const notNegative = z.int().min(0).max(2_147_483_647)
const settings = {
  max_attempts: positive,
  timeout_ms: z.int().min(1).max(400_000),
  retry_base_ms: notNegative,
  retry_factor: z.number().min(1).max(100),
  retry_max_ms: notNegative,
  max_deferrals: notNegative.nullable().openapi({
    description: 'How often in a row a job may be deferred. Null: as often as max_defer_ms allows.',
  }),
  max_defer_ms: notNegative.openapi({ description: 'How long a job may be deferred again and again.' }),
  per_key: positive.nullable().openapi({ description: 'How many jobs with the same concurrency_key run at once.' }),
  batch_size: z.int().min(1).max(1000).openapi({ description: 'How many jobs a call may bring.' }),
  batch_wait_ms: z.int().min(0).max(3_600_000).openapi({ description: 'How long a batch may fill.' }),
  batch_by: z.enum(['key']).nullable().openapi({
    description: 'Only jobs with the same concurrency_key together. Null: any.',
  }),
  batch_counts: z.enum(['jobs', 'calls']).openapi({ description: 'What max_rps counts.' }),
  ordered: z.enum(['key', 'queue']).nullable().openapi({
    description: 'key: the next job of a concurrency_key begins when the one before has ended. queue: all one by one.',
  }),
  after_failure: z.enum(['block', 'continue']).openapi({
    description: 'What a failed job does to those after it, where they are ordered.',
  }),
  dedupe_until: z.enum(['begun', 'finished', 'pruned']).openapi({
    description:
      'How long a dedupe_key stays taken. begun: one job waits while another runs, as debounce_ms and throttle_ms need it.',
  }),
  payload_max_bytes: positive,
  result_max_bytes: z.int().min(0).max(1_048_576),
}

const queue = overview.extend({ settings: z.object(settings) }).openapi('Queue')

const changes = z.strictObject({
  ...settings,
  workers: z.int().min(0).max(10_000).openapi({ description: 'How many calls at once.' }),
  max_rps: maxRps.nullable().openapi({ description: 'How many jobs a second are begun. Null: no limit.' }),
}).partial().openapi('QueueChanges')

const pattern = z.string().min(1).max(200).openapi({
  description: 'A topic such as order.paid. * stands for one word, and ** at the end for one or more.',
})
const filter = z.record(z.string(), z.unknown()).nullable().openapi({
  description: 'Only payloads that contain this. Null: any.',
})
const subscriptions = z.object({ subscriptions: z.array(z.object({ pattern: z.string(), filter })) })
  .openapi('Subscriptions')

const byName = z.object({ name: queueName })
const tag = 'Queues'

/** Queues and what their jobs failed of, in supaqueue's own words. */
export const queueRoutes: Route[] = [
  {
    id: 'getQueues',
    method: 'get',
    path: '/queues',
    tag,
    summary: 'The queues at a glance, by name, page by page',
    scope: 'read',
    query: z.object({
      after: z.string().max(200).optional().openapi({ description: '`next` of the page before.' }),
      limit,
    }),
    status: 200,
    answer: z.object({ queues: z.array(overview), next: z.string().nullable() }).openapi('QueuePage'),
  },
  {
    id: 'getQueue',
    method: 'get',
    path: '/queues/{name}',
    tag,
    summary: 'A queue with its settings',
    scope: 'read',
    params: byName,
    status: 200,
    answer: queue,
  },
  {
    id: 'patchQueue',
    method: 'patch',
    path: '/queues/{name}',
    tag,
    summary: 'Change settings of a queue; those that are not named stay',
    scope: 'control',
    params: byName,
    body: changes,
    status: 200,
    answer: queue,
  },
  {
    id: 'pauseQueue',
    method: 'post',
    path: '/queues/{name}/pause',
    tag,
    summary: 'Begin no job of a queue, until a time or until it is resumed',
    scope: 'control',
    params: byName,
    body: z.strictObject({ until: time.nullish(), reason: z.string().max(500).nullish() }).openapi('Pause'),
    status: 200,
    answer: queue,
  },
  {
    id: 'resumeQueue',
    method: 'post',
    path: '/queues/{name}/resume',
    tag,
    summary: 'End the pause of a queue',
    scope: 'control',
    params: byName,
    status: 200,
    answer: queue,
  },
  {
    id: 'getSubscriptions',
    method: 'get',
    path: '/queues/{name}/subscriptions',
    tag,
    summary: 'What a queue is subscribed to',
    scope: 'read',
    params: byName,
    status: 200,
    answer: subscriptions,
  },
  {
    id: 'subscribeQueue',
    method: 'post',
    path: '/queues/{name}/subscribe',
    tag,
    summary: 'Subscribe a queue to a topic: what is published there becomes a job of it',
    description: 'Again with the same pattern, it replaces the filter.',
    scope: 'control',
    params: byName,
    body: z.strictObject({ pattern, filter: filter.nullish() }).openapi('Subscription'),
    status: 200,
    answer: subscriptions,
  },
  {
    id: 'unsubscribeQueue',
    method: 'post',
    path: '/queues/{name}/unsubscribe',
    tag,
    summary: 'End a subscription of a queue, or all of them',
    scope: 'control',
    params: byName,
    body: z.strictObject({
      pattern: pattern.nullable().openapi({ description: 'As it was subscribed. Null: all of the queue.' }),
    }).openapi('EndedSubscription'),
    status: 200,
    answer: subscriptions,
  },
  {
    id: 'getFailures',
    method: 'get',
    path: '/failures',
    tag,
    summary: 'What the jobs of a queue failed of, the most frequent first',
    scope: 'read',
    query: z.object({ queue: queueName }),
    status: 200,
    answer: z.object({
      failures: z.array(z.object({
        fingerprint: z.string().nullable().openapi({ description: 'What they have in common.' }),
        jobs: integer,
        first_seen: time.nullable(),
        last_seen: time.nullable(),
        example_job: jobId,
        example_error: z.string().nullable(),
      })),
    }).openapi('Failures'),
  },
]
