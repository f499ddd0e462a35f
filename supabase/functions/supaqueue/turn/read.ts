import * as is from '../util/shape.ts'
import type { QueueRow, TurnAnswer } from './turn.ts'

const names = is.orNothing(is.list(is.text))
const tokens = is.orNothing(is.list(is.uuid))
const positive = is.orNothing(is.whole(1))

const queueRow = is.object({
  id: is.uuid,
  name: is.text,
  edge_function_name: is.orNothing(is.text),
  url: is.orNothing(is.text),
  method: is.orNothing(is.text),
  allowed_hosts: names,
  signing_secrets: names,
  result_max_bytes: is.orNothing(is.whole(0)),
  redact: names,
  heeds: names,
  opens: names,
  default_headers: is.orNothing(is.record()),
  max_attempts: is.orNothing(is.whole()),
  timeout_ms: positive,
})

const claim = is.object({
  current_job: is.object({ id: is.uuid, call: is.orNothing(is.uuid) }),
  job: is.object({
    id: is.either(is.whole(), is.text),
    payload: is.text,
    attempts: is.whole(),
    url: is.orNothing(is.text),
    method: is.orNothing(is.text),
    headers: is.orNothing(is.record()),
    query: is.orNothing(is.record()),
    timeout_ms: positive,
    max_attempts: is.orNothing(is.whole()),
    version: is.orNothing(is.whole()),
    state: is.orNothing(is.text),
    origin: is.orNothing(is.record()),
  }),
})

const notNegative = is.orNothing((value) =>
  is.number(value) ?? (Number(value) < 0 ? 'must not be negative' : undefined)
)

const answer = is.object({
  now_ms: is.number,
  queue: is.orNothing(queueRow),
  secrets: is.orNothing(is.record(is.text)),
  jobs: is.orNothing(is.list(claim)),
  again: tokens,
  stale: tokens,
  state: is.oneOf('awake', 'leave', 'asleep'),
  leader: is.bool,
  back_in_ms: positive,
  look_ms: notNegative,
  wait_ms: notNegative,
  settings: is.orNothing(is.record(is.text)),
})

const clock = is.object({ now_ms: is.number })

/** What the database answered, or what is wrong with it: paths and rules only, since the values may be payloads. */
export function readAnswer(data: unknown): TurnAnswer | string {
  const wrong = answer(data)
  if (wrong !== undefined) return wrong
  const { queue, jobs, again, stale, ...rest } = data as TurnAnswer
  if (jobs && jobs.length > 0 && !queue) return 'jobs came without their queue'
  return { ...rest, queue: queue && whole(queue), jobs: jobs ?? [], again: again ?? [], stale: stale ?? [] }
}

const whole = (queue: QueueRow): QueueRow => ({
  ...queue,
  default_headers: queue.default_headers ?? {},
  timeout_ms: queue.timeout_ms ?? 60_000,
})

/** The answer to a request without a queue: the database's clock, in Unix milliseconds. */
export const readClock = (data: unknown): { now_ms: number } | string => clock(data) ?? data as { now_ms: number }
