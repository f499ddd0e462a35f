import { createHash, randomBytes } from 'node:crypto'
import type { Claim, Outcome, QueueRow } from '../turn/turn.ts'

/** The place of a span in a trace, in hexadecimals. */
export type Place = { traceId: string; spanId: string }

/** One attempt of a job. Times are in Unix milliseconds. */
export type Span = Place & {
  link: Place | undefined
  queue: QueueRow
  claim: Claim
  outcome: Outcome
  batch: number
  begunAt: number
  endedAt: number
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-|$)/
// Further fields of a later version; no version has a longer one that is known.
const LONGEST = 200

/**
 * Who enqueued a job, as W3C Trace Context writes it: in the job's header `traceparent`, which is data and is not sent.
 * Undefined where there is none, or none that can be meant.
 */
export function enqueuerOf(
  { job }: Claim,
): Place & { sampled: boolean } | undefined {
  const entry = Object.entries(job.headers ?? {}).find(([name]) => name.toLowerCase() === 'traceparent')
  const text = entry?.[1]
  if (typeof text !== 'string' || text.length > LONGEST) return undefined
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text.trim()) ?? []
  return traceId && spanId && flags ? { traceId, spanId, sampled: (parseInt(flags, 16) & 1) === 1 } : undefined
}

/** All attempts of a job are one trace, whichever run makes them. */
export const placeOf = (
  project: string,
  queue: QueueRow,
  { job }: Claim,
): Place => ({
  traceId: createHash('sha256').update(`${project} ${queue.id} ${job.id}`)
    .digest('hex').slice(0, 32),
  spanId: randomBytes(8).toString('hex'),
})

const CONSUMER = 5
const OK = 1
const ERROR = 2
// What is no fault of the call: it went on, or was put off.
const WELL = new Set<Outcome['outcome']>([
  'success',
  'continued',
  'parked',
  'later',
  'rescheduled',
  'dropped',
])

/**
 * What OTLP says over HTTP in JSON. Neither payload, result nor error of a job is in it: by its id they are found where
 * they belong.
 */
export const documentOf = (
  spans: Span[],
  service: string,
  project: string,
): string =>
  JSON.stringify({
    resourceSpans: [{
      resource: {
        attributes: attributesOf({
          'service.name': service,
          'supaqueue.project': project,
        }),
      },
      scopeSpans: [{ scope: { name: 'supaqueue' }, spans: spans.map(spanOf) }],
    }],
  })

const spanOf = (
  { traceId, spanId, link, queue, claim, outcome, batch, begunAt, endedAt }: Span,
) => ({
  traceId,
  spanId,
  name: `process ${queue.name}`,
  kind: CONSUMER,
  startTimeUnixNano: nano(begunAt),
  endTimeUnixNano: nano(Math.max(begunAt, endedAt)),
  attributes: attributesOf({
    'messaging.system': 'supaqueue',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': queue.name,
    'messaging.message.id': String(claim.job.id),
    'messaging.batch.message_count': batch > 1 ? batch : undefined,
    'supaqueue.attempt': claim.job.attempts,
    'supaqueue.outcome': outcome.outcome,
    'http.response.status_code': outcome.status,
    'error.type': WELL.has(outcome.outcome) ? undefined : String(outcome.status ?? outcome.outcome),
    'cloud.region': outcome.region,
  }),
  ...(link && { links: [{ traceId: link.traceId, spanId: link.spanId }] }),
  status: WELL.has(outcome.outcome) ? { code: OK } : { code: ERROR, message: outcome.outcome },
})

// More than JavaScript's numbers can hold, and by OTLP a text.
const nano = (ms: number): string => `${Math.round(ms * 1000)}000`

const attributesOf = (values: Record<string, string | number | undefined>) =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{
      key,
      value: typeof value === 'number' ? { intValue: String(Math.trunc(value)) } : { stringValue: value },
    }]
  )
