import { z } from '@hono/zod-openapi'
import {
  controlToReplace,
  count,
  headers,
  httpUrl,
  integer,
  jobId,
  jobIdInPath,
  jobStatus,
  limit,
  numeral,
  onConflict,
  queueName,
  time,
} from './fields.ts'
import { limits } from './limits.ts'
import type { Route } from './route.ts'

const delayMs = z.int().min(0).max(315_360_000_000).openapi({
  description: 'In place of run_at: milliseconds from now.',
})
const dedupeKey = z.string().min(1).max(500).openapi({ description: 'Unique in its queue until its job has ended.' })
// As clients send it that leave no field out: null is the same as not there.
const shared = {
  payload: z.unknown().optional().openapi({ description: 'The body of the call: any JSON. Default {}.' }),
  priority: integer.nullish().openapi({ description: 'Higher first. Default 0.' }),
  run_at: time.nullish().openapi({ description: 'Never begun before.' }),
  delay_ms: delayMs.nullish(),
  dedupe_key: dedupeKey.nullish(),
  headers: headers.nullish(),
  version: integer.nullish().openapi({ description: 'Which form the payload has.' }),
  max_attempts: z.int().min(1).max(2_147_483_647).nullish(),
  timeout_ms: z.int().min(1).max(400_000).nullish(),
  concurrency_key: z.string().min(1).max(500).nullish(),
  held: z.boolean().nullish().openapi({ description: 'True: waits until it is released.' }),
}
const period = z.int().min(1).max(31_536_000_000)
const notBoth = { not: { required: ['run_at', 'delay_ms'] } }
const oneTime = ({ run_at, delay_ms }: { run_at?: unknown; delay_ms?: unknown }) => run_at == null || delay_ms == null

const burst = {
  debounce_ms: period.nullish()
    .openapi({
      description:
        'Runs so long after the last job with this dedupe_key was enqueued, with its payload. As each writes over the one that waits, a key must have the scope `control`; so for throttle_ms.',
    }),
  max_wait_ms: period.nullish()
    .openapi({ description: 'With debounce_ms: so long after the first of them at the latest.' }),
  throttle_ms: period.nullish().openapi({
    description: 'The first job with this dedupe_key runs at once, then one per so long, with the last payload.',
  }),
}

const newJob = z.strictObject({
  queue: queueName,
  ...shared,
  on_conflict: onConflict.nullish(),
  depends_on: z.array(jobId).max(limits.batch).nullish()
    .openapi({ description: 'Waits until these jobs have ended; is cancelled when one of them fails.' }),
  ...burst,
}).refine(oneTime, 'has both run_at and delay_ms').openapi('NewJob', notBoth)

const newBatch = z.strictObject({
  queue: queueName,
  label: z.string().max(200).nullish(),
  on_conflict: onConflict.nullish(),
  ...burst,
  jobs: z.array(
    z.strictObject({
      ...shared,
      url: httpUrl.nullish(),
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).nullish(),
      query: z.record(z.string(), z.unknown()).nullish(),
      retry_base_ms: z.int().min(0).max(2_147_483_647).nullish(),
      retry_max_ms: z.int().min(0).max(2_147_483_647).nullish(),
    }).refine(oneTime, 'has both run_at and delay_ms').openapi(notBoth),
  ).min(1).max(limits.batch),
}).openapi('NewBatch')

const summary = z.object({
  id: jobId,
  queue: z.string(),
  status: jobStatus,
  priority: integer,
  attempts: count.openapi({ description: 'Tries begun.' }),
  deferrals: count.openapi({ description: 'How often in a row it was deferred. Uses no attempt.' }),
  created_at: time,
  updated_at: time,
  run_at: time,
  finished_at: time.nullable(),
  error: z.string().nullable(),
  progress_percent: z.number().nullable(),
  progress_note: z.string().nullable(),
  dedupe_key: z.string().nullable(),
  concurrency_key: z.string().nullable(),
  version: integer.nullable(),
  batch: z.uuid().nullable(),
  batch_index: count.nullable(),
  retry_of: jobId.nullable().openapi({ description: 'The failed job it is a copy of.' }),
}).openapi('JobSummary')

const attempt = z.object({
  attempt: count,
  outcome: z.string(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  ms: z.int().nullable(),
  begun_at: time.nullable(),
  ended_at: time,
}).openapi('Attempt')

const job = summary.extend({
  payload: z.unknown(),
  result: z.unknown().openapi({ description: 'What the function answered, when it succeeded.' }),
  history: z.array(attempt).openapi({ description: 'The last twenty attempts that did not succeed, newest first.' }),
}).openapi('Job')

const newSignal = {
  name: z.string().min(1).max(200).openapi({ description: 'What job.waitFor waits for.' }),
  payload: z.unknown().optional().openapi({ description: 'What it is given: any JSON, at most 256 kB. Default null.' }),
  idempotency_key: z.string().min(1).max(200).nullish()
    .openapi({
      description: 'Twice to the same job or key, and by the same name, is once. For as long as the signal is kept.',
    }),
}
const sentSignal = z.object({ id: z.int() }).openapi('SentSignal')

const publication = {
  payload: z.unknown().optional().openapi({ description: 'The body of each call: any JSON. Default {}.' }),
  dedupe_key: dedupeKey.nullish().openapi({
    description: 'Queues in which it is taken get no second job, so publishing again does no harm.',
  }),
  concurrency_key: z.string().min(1).max(500).nullish(),
  priority: integer.nullish().openapi({ description: 'Higher first. Default 0.' }),
  delay_ms: delayMs.nullish(),
}

const controlled = z.object({ id: jobId, status: jobStatus }).openapi('JobStatus')

const tag = 'Jobs'
const control = (id: string, act: string, summary: string): Route => ({
  id,
  method: 'post',
  path: `/jobs/{id}/${act}`,
  tag,
  summary,
  scope: 'control',
  params: jobIdInPath,
  status: 200,
  answer: controlled,
})

/** Jobs and batches, in supaqueue's own words. */
export const jobRoutes: Route[] = [
  {
    id: 'postJob',
    method: 'post',
    path: '/jobs',
    tag,
    summary: 'Enqueue a job',
    scope: 'enqueue',
    more: controlToReplace,
    body: newJob,
    status: 201,
    answer: z.object({ id: jobId }).openapi('TakenJob'),
  },
  {
    id: 'getJobs',
    method: 'get',
    path: '/jobs',
    tag,
    summary: 'Jobs, newest first, page by page',
    description: 'A page looks at ten thousand jobs at most: it may be short, or empty, and `next` leads on.',
    scope: 'read',
    query: z.object({
      queue: queueName.optional(),
      status: jobStatus.optional(),
      batch: z.uuid().optional(),
      before: numeral(1, Number.MAX_SAFE_INTEGER).optional()
        .openapi({ type: 'integer', description: '`next` of the page before.' }),
      limit,
    }),
    status: 200,
    answer: z.object({ jobs: z.array(summary), next: jobId.nullable() }).openapi('JobPage'),
  },
  {
    id: 'getJob',
    method: 'get',
    path: '/jobs/{id}',
    tag,
    summary: 'A job with its payload, its result and its last attempts',
    scope: 'read',
    params: jobIdInPath,
    status: 200,
    answer: job,
  },
  {
    id: 'explainJob',
    method: 'get',
    path: '/jobs/{id}/explain',
    tag,
    summary: 'Where a job stands, and why it is not running',
    scope: 'read',
    params: jobIdInPath,
    status: 200,
    answer: z.object({
      job: jobId,
      status: jobStatus,
      text: z.string().openapi({ description: 'One sentence.' }),
      reasons: z.array(z.looseObject({ code: z.string(), text: z.string() }))
        .openapi({ description: 'One for each thing that would have to change.' }),
    }).openapi('Explanation'),
  },
  control('cancelJob', 'cancel', 'Cancel a job: it is not begun, or its outcome is not wanted any more'),
  control('retryJob', 'retry', 'Start over a job that has ended'),
  control('runJobNow', 'run-now', 'Make a job due at once'),
  {
    id: 'signalJob',
    method: 'post',
    path: '/jobs/{id}/signal',
    tag,
    summary: 'Send what a job waits for, or will wait for',
    scope: 'control',
    params: jobIdInPath,
    body: z.strictObject(newSignal).openapi('NewSignal'),
    status: 201,
    answer: sentSignal,
  },
  {
    id: 'postSignal',
    method: 'post',
    path: '/signals',
    tag,
    summary: 'Send a signal to whoever waits by a key, or will',
    scope: 'control',
    body: z.strictObject({
      key: z.string().min(1).max(200).openapi({
        description: 'By which the function waits, such as the number of an order.',
      }),
      ...newSignal,
    }).openapi('NewKeyedSignal'),
    status: 201,
    answer: sentSignal,
  },
  {
    id: 'postTopic',
    method: 'post',
    path: '/topics/{topic}',
    tag,
    summary: 'Publish: a job for each queue that subscribed to a topic',
    scope: 'enqueue',
    params: z.object({
      topic: z.string().min(1).max(200).openapi({
        description: 'Words of letters, digits, - and _, with dots between them, such as order.paid.',
      }),
    }),
    body: z.strictObject(publication).openapi('Publication'),
    status: 201,
    answer: z.object({ ids: z.array(jobId).openapi({ description: 'The jobs: none when nobody subscribed.' }) })
      .openapi('Published'),
  },
  {
    id: 'postBatch',
    method: 'post',
    path: '/batches',
    tag,
    summary: 'Enqueue many jobs at once, all or none',
    scope: 'enqueue',
    more: controlToReplace,
    body: newBatch,
    status: 201,
    answer: z.object({
      batch: z.uuid().nullable().openapi({ description: 'Null when none was enqueued.' }),
      jobs: z.array(z.object({ id: jobId, enqueued: z.boolean() }))
        .openapi({ description: 'In the order in which they were given.' }),
    }).openapi('TakenBatch'),
  },
  {
    id: 'getBatch',
    method: 'get',
    path: '/batches/{id}',
    tag,
    summary: 'A batch, and how many of its jobs are in which status',
    scope: 'read',
    params: z.object({ id: z.uuid() }),
    status: 200,
    answer: z.object({
      id: z.uuid(),
      queue: z.string(),
      label: z.string().nullable(),
      created_at: time,
      jobs: z.object({
        held: count,
        pending: count,
        in_progress: count,
        success: count,
        failed: count,
        cancelled: count,
      }),
    }).openapi('Batch'),
  },
]
