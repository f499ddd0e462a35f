import { z } from 'zod'

// What a turn is, as schemas: docs/reference/turn.md and the checks of the dispatcher are held against them.

const token = z.guid()

/** The outcome of one call, under the token that proves who may report it. */
export const report = z.strictObject({
  token,
  outcome: z.enum([
    'success',
    'failed',
    'unknown',
    'divided',
    'not_run',
    'deferred',
    'rescheduled',
    'killed',
    'dropped',
    'continued',
    'parked',
    'later',
  ]),
  status: z.int().optional(),
  result: z.json().optional(),
  error: z.string().optional(),
  retry_after_ms: z.int().nonnegative().optional(),
  run_at: z.string().optional(),
  state: z.json().optional(),
  lease_ms: z.int().positive().optional(),
  ms: z.int().nonnegative().optional(),
  head: z.string().optional(),
  region: z.string().optional(),
  /** False when the call did not get as far as its target: neither for nor against its circuit. */
  reached: z.literal(false).optional(),
})

export const turnRequest = z.strictObject({
  run: z.guid(),
  queue: z.guid(),
  reports: z.array(report),
  room: z.int().nonnegative(),
  sleepy: z.boolean(),
  /** With sleepy: how long the run can wait for a planned job. */
  back_in_ms: z.int().nonnegative().optional(),
  stop: z.boolean(),
  retire: z.boolean(),
  have: z.array(token).nullable(),
  /** Calls that went out, and have not come back, since it was last said: from now on they use an attempt. */
  called: z.array(token),
  /** How much payload the answer may bring, in bytes; one job it may bring whatever its size. */
  max_bytes: z.int().positive(),
  turns: z.int().positive(),
  /** The run hears of commits, by NOTIFY, and would rather be told of jobs than look. */
  listen: z.literal(true).optional(),
  hello: z.boolean(),
  project: z.string().optional(),
  fingerprints: z.array(z.string()).optional(),
})

// Rows are read loosely: a column the dispatcher does not know belongs to a newer database, and one that is missing to
// an older one.
const queueRow = z.object({
  id: z.guid(),
  name: z.string(),
  edge_function_name: z.string().nullish(),
  url: z.string().nullish(),
  method: z.string().nullish(),
  allowed_hosts: z.array(z.string()).nullish(),
  signing_secrets: z.array(z.string()).nullish(),
  result_max_bytes: z.int().nonnegative().nullish(),
  redact: z.array(z.string()).nullish(),
  heeds: z.array(z.string()).nullish(),
  opens: z.array(z.string()).nullish(),
  default_headers: z.record(z.string(), z.unknown()).nullish().transform((headers) => headers ?? {}),
  max_attempts: z.int().nullish(),
  timeout_ms: z.int().positive().nullish().transform((ms) => ms ?? 60_000),
})

const claim = z.object({
  current_job: z.object({ id: token }),
  job: z.object({
    id: z.union([z.int(), z.string()]),
    /** The payload's JSON text, sent as it came so that no number loses digits. */
    payload: z.string(),
    attempts: z.int(),
    url: z.string().nullish(),
    method: z.string().nullish(),
    headers: z.record(z.string(), z.unknown()).nullish(),
    query: z.record(z.string(), z.unknown()).nullish(),
    timeout_ms: z.int().positive().nullish(),
    max_attempts: z.int().nullish(),
    version: z.int().nullish(),
    /** What the last slice handed on: JSON text, as the payload. */
    state: z.string().nullish(),
  }),
})

export const turnAnswer = z.object({
  now_ms: z.number(),
  queue: queueRow.nullish(),
  secrets: z.record(z.string(), z.string()).nullish(),
  jobs: z.array(claim).nullish().transform((jobs) => jobs ?? []),
  again: z.array(token).nullish().transform((tokens) => tokens ?? []),
  stale: z.array(token).nullish().transform((tokens) => tokens ?? []),
  state: z.enum(['awake', 'leave', 'asleep']),
  leader: z.boolean(),
  /** With `asleep`: look again then, for a planned job. */
  back_in_ms: z.int().positive().nullish(),
  /** With listen: after how many milliseconds to look, if nobody tells of anything. */
  look_ms: z.number().nonnegative().nullish(),
  /** How long nothing may be begun, whatever is due. */
  wait_ms: z.number().nonnegative().nullish(),
  settings: z.record(z.string(), z.string()).nullish(),
}).refine(({ queue, jobs }) => jobs.length === 0 || queue, 'jobs came without their queue')

/** The answer to a request without a queue: the database's clock, in Unix milliseconds. */
export const clockAnswer = z.object({ now_ms: z.number() })
