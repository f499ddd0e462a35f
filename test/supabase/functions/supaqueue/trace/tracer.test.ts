import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { makeCaller } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import { openDispatcher } from '../../../../../supabase/functions/supaqueue/dispatcher.ts'
import { makeTracer } from '../../../../../supabase/functions/supaqueue/trace/tracer.ts'
import type { Claim } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { callerDeps, claimOf, queueRow } from '../support/calling.ts'
import { nodeDeps } from '../support/deps.ts'
import { serve, type Server, until } from '../support/server.ts'
import { secret } from '../support/wake_up.ts'

// What a collector is sent is held against what OTLP says of JSON: opentelemetry-proto, "OTLP/HTTP", JSON encoding.

const hex = (length: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${length}}$`))
const attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ doubleValue: z.number() }),
  ]),
})
const nano = z.string().regex(/^\d{19}$/)
const otlp = z.strictObject({
  resourceSpans: z.array(z.strictObject({
    resource: z.strictObject({ attributes: z.array(attribute) }),
    scopeSpans: z.array(z.strictObject({
      scope: z.strictObject({ name: z.string(), version: z.string().optional() }),
      spans: z.array(z.strictObject({
        traceId: hex(32),
        spanId: hex(16),
        parentSpanId: hex(16).optional(),
        name: z.string().min(1),
        kind: z.int().min(1).max(5),
        startTimeUnixNano: nano,
        endTimeUnixNano: nano,
        attributes: z.array(attribute),
        links: z.array(z.strictObject({ traceId: hex(32), spanId: hex(16) })).optional(),
        status: z.strictObject({ code: z.int().min(0).max(2), message: z.string().optional() }),
      })).min(1),
    })).length(1),
  })).length(1),
})

const ENQUEUER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const TRACEPARENT = `00-${ENQUEUER.traceId}-${ENQUEUER.spanId}-01`

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function start(answer: Parameters<typeof serve>[0]): Promise<Server> {
  const server = await serve(answer)
  servers.push(server)
  return server
}

const spansIn = (collector: Server) =>
  collector.heard.flatMap(({ body }) => otlp.parse(JSON.parse(body)).resourceSpans[0]!.scopeSpans[0]!.spans)
const said = (attributes: z.infer<typeof attribute>[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** A caller that is traced, a function that answers as told, and a collector that does. Time is that of the machine. */
async function scene({ status = 200, collect = 200 }: { status?: number; collect?: number | 'nothing' } = {}) {
  const target = await start((response) => {
    response.statusCode = status
    response.end('{"secret": "result"}')
  })
  const collector = await start((response) => {
    if (collect === 'nothing') return
    response.statusCode = collect
    response.end('{}')
  })
  const { deps, logs, work } = nodeDeps()
  const rings: (() => void)[] = []
  const tracer = makeTracer({
    ...deps,
    // As long as two seconds, for whoever waits that long.
    after: (_, ring) => {
      rings.push(ring)
      return () => rings.splice(rings.indexOf(ring), 1)
    },
    collector: { url: `${collector.url}/v1/traces`, headers: { authorization: 'Bearer told' }, service: 'mails' },
    project: 'https://ref.supabase.co',
    now: Date.now,
  })
  const caller = tracer.traced(makeCaller(callerDeps({ functionsUrl: `${target.url}/functions/v1` })))
  return { target, collector, tracer, logs, work, rings, call: (claim: Claim) => caller(queueRow())(claim) }
}

describe('the spans of a dispatcher', () => {
  test('say of each attempt what it was, and link to the span that enqueued the job', async () => {
    const { call, tracer, collector } = await scene()
    const before = Date.now()

    await call(claimOf({ headers: { TraceParent: TRACEPARENT }, payload: '{"card": "4111"}' }))
    await tracer.flush()

    const [span] = spansIn(collector)
    expect(span).toMatchObject({ name: 'process mail', kind: 5, links: [ENQUEUER], status: { code: 1 } })
    expect(said(span!.attributes)).toMatchObject({
      'messaging.system': 'supaqueue',
      'messaging.destination.name': 'mail',
      'messaging.message.id': '7',
      'supaqueue.attempt': '2',
      'supaqueue.outcome': 'success',
      'http.response.status_code': '200',
    })
    expect(Number(span!.startTimeUnixNano.slice(0, 13))).toBeGreaterThanOrEqual(before)
    expect(BigInt(span!.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span!.startTimeUnixNano))
    const [request] = collector.heard
    expect(request).toMatchObject({ method: 'POST', path: '/v1/traces' })
    expect(request!.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer told' })
    expect(request!.body).not.toMatch(/4111|secret/)
  })

  test('of one job are one trace, and tell the function where it is called from, by no header of a trace', async () => {
    const { call, tracer, collector, target } = await scene({ status: 500 })

    await call(claimOf({ attempts: 1, headers: { traceparent: TRACEPARENT } }))
    await call(claimOf({ attempts: 2, headers: { traceparent: TRACEPARENT } }))
    await call(claimOf({ id: 8 }))
    await tracer.flush()

    const [first, second, other] = spansIn(collector)
    expect(first!.traceId).toBe(second!.traceId)
    expect(first!.spanId).not.toBe(second!.spanId)
    expect(other!.traceId).not.toBe(first!.traceId)
    expect(other!.links).toBeUndefined()
    expect(first).toMatchObject({ status: { code: 2, message: 'failed' } })
    expect(said(first!.attributes)['error.type']).toBe('500')
    expect(target.heard[0]!.headers['supaqueue-trace']).toBe(`00-${first!.traceId}-${first!.spanId}-01`)
    expect(target.heard.flatMap(({ headers }) => Object.keys(headers))).not.toContain('traceparent')
  })

  test.each([
    ['nothing', undefined, true, false],
    ['a good one', TRACEPARENT, true, true],
    ['one that is not sampled', TRACEPARENT.replace(/01$/, '00'), false, false],
    ['one of a later version', `cc-${ENQUEUER.traceId}-${ENQUEUER.spanId}-01-further`, true, true],
    ['one of no version', TRACEPARENT.replace(/^00/, 'ff'), true, false],
    ['zeros', `00-${'0'.repeat(32)}-${ENQUEUER.spanId}-01`, true, false],
    ['capitals', TRACEPARENT.toUpperCase(), true, false],
    ['a number', 7, true, false],
    ['a long text', `${TRACEPARENT}-${'x'.repeat(1000)}`, true, false],
  ])('take %s as a traceparent: %s', async (_, traceparent, sent, linked) => {
    const { call, tracer, collector } = await scene()

    await call(claimOf({ headers: traceparent === undefined ? null : { traceparent } as Record<string, unknown> }))
      .catch(() => {})
    await tracer.flush()

    const spans = collector.heard.length > 0 ? spansIn(collector) : []
    expect([spans.length > 0, spans[0]?.links !== undefined]).toEqual([sent, linked])
  })

  test('go out together, once the first of them is old enough', async () => {
    const { call, collector, rings, work } = await scene()

    for (let n = 0; n < 5; n++) await call(claimOf())
    expect(collector.heard).toHaveLength(0)
    expect(rings).toHaveLength(1)
    rings[0]!()
    await Promise.all(work)

    expect(collector.heard).toHaveLength(1)
    expect(spansIn(collector)).toHaveLength(5)
  })

  test('go out two hundred at a time, one request after the other', async () => {
    const { call, collector, work } = await scene()

    await Promise.all(Array.from({ length: 450 }, () => call(claimOf())))
    await until(() => work.length > 0, 'a flush')
    await Promise.all(work)

    expect(collector.heard.map(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans.length)).toEqual(
      expect.arrayContaining([200]),
    )
    expect(Math.max(...collector.heard.map(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans.length)))
      .toBeLessThanOrEqual(200)
  })

  test.each([[500], [401], [302]])(
    'are dropped when the collector answers %i, which is logged once',
    async (collect) => {
      const { call, tracer, logs } = await scene({ collect })

      for (let n = 0; n < 2; n++) {
        expect((await call(claimOf())).outcomes[0]!.outcome).toBe('success')
        await tracer.flush()
      }

      expect(logs).toEqual([
        {
          code: 'SQ502',
          message: `1 span did not reach the collector: it answered ${collect}`,
          hint: expect.any(String),
        },
      ])
    },
  )

  test('are waited for by no call, and are no more than fit, while a collector takes its time', async () => {
    const { call, tracer, collector } = await scene({ collect: 'nothing' })
    await call(claimOf())
    const flushed = tracer.flush()
    await until(() => collector.heard.length > 0, 'the request')

    const called = await Promise.all(Array.from({ length: 20 }, () => call(claimOf())))

    expect(called.map(({ outcomes: [outcome] }) => outcome!.outcome)).toEqual(Array(20).fill('success'))
    expect(collector.heard).toHaveLength(1)
    await Promise.all(servers.splice(0).map((server) => server.close()))
    await flushed
  })
})

test('a dispatcher whose environment names a collector sends a span of what it has called, and what it called is reported', async () => {
  const queue = queueRow()
  const collector = await start((response) => response.end('{}'))
  const project = await start((response, { path, body }) => {
    response.setHeader('content-type', 'application/json')
    if (path.includes('/functions/v1/')) return response.end('{}')
    const { request } = JSON.parse(body)
    const jobs = request.hello ? [claimOf({ headers: { traceparent: TRACEPARENT } })] : []
    const over = request.reports.length > 0
    response.end(JSON.stringify({ now_ms: Date.now(), queue, jobs, state: over ? 'asleep' : 'awake', leader: true }))
  })
  const { deps, work, logs } = nodeDeps()
  const dispatcher = openDispatcher({
    ...deps,
    env: {
      SUPABASE_URL: project.url,
      SUPABASE_SECRET_KEY: 'sb_secret_1',
      SUPAQUEUE_SECRET: secret,
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20eA%3D%3D, x-of = mine',
      OTEL_SERVICE_NAME: 'shop',
    },
  })

  dispatcher.start({ queue: randomUUID() })
  await until(() => work.length > 0, 'the run')
  await Promise.all(work)

  expect(logs).toMatchObject([{ success: 1 }])
  expect(spansIn(collector)).toMatchObject([{ links: [ENQUEUER] }])
  const { path, headers, body } = collector.heard[0]!
  expect([path, headers.authorization, headers['x-of']]).toEqual(['/v1/traces', 'Basic eA==', 'mine'])
  expect(said(JSON.parse(body).resourceSpans[0].resource.attributes)).toEqual({
    'service.name': 'shop',
    'supaqueue.project': project.url,
  })
})

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /http\(s\) address/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EXPORTER_OTLP_HEADERS: 'a=b\n%0ac: d' }, /name=value/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EXPORTER_OTLP_HEADERS: 'topsecret' }, /name=value/],
])('a collector that is not valid is said once, and stops nothing: %j', async (more, message) => {
  const project = await start((response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ now_ms: Date.now(), state: 'asleep', leader: true }))
  })
  const { deps, work, logs } = nodeDeps()
  const env = { SUPABASE_URL: project.url, SUPABASE_SECRET_KEY: 'sb_secret_1', SUPAQUEUE_SECRET: secret, ...more }

  openDispatcher({ ...deps, env }).start({ queue: randomUUID() })
  await Promise.all(work)

  expect(logs[0]).toMatchObject({ code: 'SQ500', message: expect.stringMatching(message) })
  expect(JSON.stringify(logs)).not.toContain('topsecret')
  expect(project.heard.length).toBeGreaterThan(0)
})
