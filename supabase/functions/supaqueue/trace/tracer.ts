import { once } from '../../_shared/supaqueue/once.ts'
import type { Call, Called } from '../call/call.ts'
import type { Claim, QueueRow, Secrets } from '../turn/turn.ts'
import { type Collector, type Env, readCollector } from './collector.ts'
import { documentOf, enqueuerOf, type Place, placeOf, type Span } from './span.ts'

export type Caller = (queue: QueueRow, secrets?: Secrets | null) => Call

export type Deps = {
  collector: Collector
  project: string
  fetch: typeof fetch
  /** In Unix milliseconds. */
  now: () => number
  after: (ms: number, ring: () => void) => () => void
  /** Keeps the isolate until the promise settles. */
  background: (work: Promise<unknown>) => void
  log: (line: Record<string, unknown>) => void
}

export type Tracer = {
  /** The same caller, which notes a span for every job that is called. */
  traced(caller: Caller): Caller
  /** Sends what there is: before the isolate goes. Never throws. */
  flush(): Promise<void>
}

// A document goes out when there are so many, or when the first of them is so old.
const MANY = 200
const OLD_MS = 2000
// What comes while a collector does not answer. Beyond that spans are dropped: they are no jobs.
const KEPT = 2000
const TIMEOUT_MS = 5000
const TELL_AGAIN_MS = 60_000

/** The tracer for the collector that the environment names; undefined when it names none, or none that can be used. */
export function openTracer({ env, ...deps }: Omit<Deps, 'collector'> & { env: Env }): Tracer | undefined {
  const collector = readCollector(env)
  if (typeof collector === 'object') return makeTracer({ ...deps, collector })
  // No reason not to call.
  if (collector !== undefined) {
    deps.log({ code: 'SQ500', message: `no span is sent: ${collector}`, hint: 'Set it by: supabase secrets set' })
  }
  return undefined
}

/** Brings spans to a collector, many in one request, one request at a time. A call never waits for it, nor fails by it. */
export function makeTracer(
  { collector, project, fetch, now, after, background, log }: Deps,
): Tracer {
  let spans: Span[] = []
  let dropped = 0
  let toldAt = -Infinity
  let forget: (() => void) | undefined
  let sending: Promise<void> | undefined

  return {
    traced: (caller) => (queue, secrets) => tracedCall(queue, caller(queue, secrets)),
    flush,
  }

  function tracedCall(queue: QueueRow, call: Call): Call {
    return async (...claims) => {
      const places = claims.map((claim) => placeOf(project, queue, claim))
      const begunAt = now()
      const placed = claims.map((claim, i) => withPlace(claim, places[i]!))
      const called = await call(...placed as typeof claims)
      try {
        note(queue, claims, places, called, begunAt)
      } catch {
        dropped += claims.length
      }
      return called
    }
  }

  function note(queue: QueueRow, claims: Claim[], places: Place[], { outcomes }: Called, begunAt: number): void {
    const all = { queue, batch: claims.length, begunAt, endedAt: now() }
    for (const [i, claim] of claims.entries()) {
      const link = enqueuerOf(claim)
      // Who enqueued it does not want to see it.
      if (link && !link.sampled) continue
      if (spans.length >= KEPT) dropped++
      else spans.push({ ...all, ...places[i]!, link, claim: slim(claim), outcome: outcomes[i]! })
    }
    if (spans.length >= MANY) background(flush())
    else if (spans.length > 0) forget ??= after(OLD_MS, () => background(flush()))
  }

  function flush(): Promise<void> {
    forget?.()
    forget = undefined
    sending ??= sendAll().finally(() => sending = undefined)
    return sending
  }

  async function sendAll(): Promise<void> {
    while (spans.length > 0) {
      const some = spans.slice(0, MANY)
      spans = spans.slice(MANY)
      const wrong = await send(documentOf(some, collector.service, project))
      if (wrong !== undefined) {
        // One wait is enough: those behind would wait for the same.
        dropped += some.length + spans.length
        spans = []
      }
      if (dropped > 0) tell(wrong ?? 'there were too many at once')
    }
  }

  /** What came in the way; undefined when nothing did. */
  async function send(body: string): Promise<string | undefined> {
    try {
      const response = await fetch(collector.url, {
        method: 'POST',
        headers: { ...collector.headers, 'content-type': 'application/json' },
        body: once(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await response.body?.cancel()
      return response.ok ? undefined : `it answered ${response.status}`
    } catch (reason) {
      return reason instanceof Error ? reason.name : 'it could not be reached'
    }
  }

  function tell(wrong: string): void {
    if (now() < toldAt + TELL_AGAIN_MS) return
    toldAt = now()
    log({
      code: 'SQ502',
      message: `${dropped} ${dropped === 1 ? 'span' : 'spans'} did not reach the collector: ${wrong}`,
      hint: 'Jobs are called all the same. Look at OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS.',
    })
    dropped = 0
  }
}

/** The function hears where it is called from, as data: a traceparent of its own would spend the platform's allowance. */
const withPlace = (claim: Claim, { traceId, spanId }: Place): Claim => ({
  ...claim,
  job: {
    ...claim.job,
    origin: { ...claim.job.origin, trace: `00-${traceId}-${spanId}-01` },
  },
})

/** Without what is large and is not said of it. */
const slim = ({ current_job, job: { id, attempts } }: Claim): Claim => ({
  current_job,
  job: { id, attempts, payload: '' },
})
