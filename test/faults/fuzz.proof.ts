import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionProcess } from './support/processes.ts'
import { openScene, type Scene } from './support/scene.ts'

// Whatever anybody on the internet can send to the dispatcher: all but what only the database can sign.

/** `body` is a text of bytes, `padding` so many spaces after it. */
type Sent = { method: string; headers: Record<string, string>; body: string; padding?: number }

const TOGETHER = 20
const MAX_GROWTH = 48 * 1024 * 1024

let scene: Scene
let queue: string
// A wake-up as the database posted it, which the dispatcher has had.
let genuine: Sent

beforeAll(async () => {
  scene = await openScene()
  queue = await scene.queue()
  await scene.stack.net!.pause()
  await scene.job(queue)
  const [request] = await scene.harness.requests(queue)
  genuine = { method: 'POST', headers: request.headers, body: request.text }
  scene.stack.net!.resume()
  await scene.untilEnded(queue)
  await scene.untilAsleep(queue)
  // From now on nothing but what is sent here reaches the dispatcher; a job is there to be touched.
  scene.stack.net!.setIntercept(() => 'drop')
  await scene.job(queue, 'untouched')
})

afterAll(() => scene?.close())

const clock = () => Math.floor(Date.now() / 1000)
const value = fc.stringMatching(/^[\t\x20-\x7e]{0,200}$/).map((text) => text.trim())
const bytes = fc.uint8Array({ maxLength: 6000 }).map((some) => Buffer.from(some).toString('latin1'))
const timestamp = fc.oneof(
  fc.integer({ min: -400, max: 400 }).map((off) => String(clock() + off)),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.constantFrom('', '0', '-1', 'NaN', 'Infinity', '1e10', '0x10', '1 2', '999999999999', '1.'.padEnd(500, '9')),
  value,
)
const body = fc.oneof(
  fc.uuid().map((id) => JSON.stringify({ queue: id })),
  fc.constant(0).map(() => JSON.stringify({ queue })),
  fc.json({ maxDepth: 10 }),
  bytes,
)
const signature = fc.oneof(
  fc.constant(0).map(() => genuine.headers['supaqueue-signature']!),
  fc.stringMatching(/^v1=[0-9a-f]{64}$/),
  fc.array(fc.stringMatching(/^v1=[0-9a-fA-F]{60,68}$/), { maxLength: 60 }).map((many) => many.join(' ')),
  value,
)

/** Anything, and what comes near to a wake-up. */
const malformed: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  headers: fc.record(
    { 'supaqueue-timestamp': timestamp, 'supaqueue-signature': signature, 'content-type': value },
    { requiredKeys: [] },
  ),
  body,
})

/** Rightly made, with a secret that is not ours. */
const missigned: fc.Arbitrary<Sent> = fc.record({ secret: fc.string(), body, off: fc.integer({ min: -400, max: 400 }) })
  .map(({ secret, body, off }) => {
    const at = String(clock() + off)
    const digest = createHmac('sha256', secret).update(`${at}.`).update(Buffer.from(body, 'latin1')).digest('hex')
    return { method: 'POST', headers: { 'supaqueue-timestamp': at, 'supaqueue-signature': `v1=${digest}` }, body }
  })

/** The genuine one once more, as it was or with one thing changed. */
const replayed: fc.Arbitrary<Sent> = fc.oneof(
  fc.constant((wake: Sent) => wake),
  fc.tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 1 })).map(([place, letter]) => (wake: Sent) => {
    const at = place % wake.body.length
    return { ...wake, body: wake.body.slice(0, at) + letter + wake.body.slice(at + 1) }
  }),
  fc.nat().map((end) => (wake: Sent) => ({ ...wake, body: wake.body.slice(0, end % wake.body.length) })),
  fc.tuple(fc.constantFrom('supaqueue-timestamp', 'supaqueue-signature'), value).map(
    ([name, more]) => (wake: Sent) => ({
      ...wake,
      headers: { ...wake.headers, [name]: `${more} ${wake.headers[name]}`.trim() },
    }),
  ),
).map((change) => change(genuine))

const oversized: fc.Arbitrary<Sent> = fc.integer({ min: 4097, max: 1_000_000 })
  .map((padding) => ({ ...genuine, padding }))

async function send({ method, headers, body, padding = 0 }: Sent) {
  const response = await fetch(`${scene.stack.apiUrl}/functions/v1/supaqueue`, {
    method,
    headers,
    body: ['GET', 'HEAD'].includes(method) ? undefined : Buffer.from(body + ' '.repeat(padding), 'latin1'),
    signal: AbortSignal.timeout(20_000),
  })
  return { status: response.status, text: await response.text() }
}

/** Sends `count` of a kind, some at a time; each is to be refused, in our words, with one of the statuses. */
const refused = (kind: fc.Arbitrary<Sent>, count: number, statuses: number[]) =>
  fc.assert(
    fc.asyncProperty(fc.array(kind, { minLength: TOGETHER, maxLength: TOGETHER }), async (requests) => {
      for (const { status, text } of await Promise.all(requests.map(send))) {
        expect(statuses).toContain(status)
        if (text === '') continue
        const { code, message, hint } = JSON.parse(text)
        expect([code, typeof message, typeof hint]).toEqual([`SQ${status}`, 'string', 'string'])
        expect(text).not.toContain(scene.stack.secret)
      }
    }),
    { numRuns: count / TOGETHER, endOnFailure: true },
  )

describe('of what strangers send to the dispatcher', () => {
  test('nothing is let in, nothing makes it fail, no job is touched, and its memory does not grow', async () => {
    const before = await everything()
    const { pid } = functionProcess('supaqueue')
    await refused(fc.oneof(malformed, missigned, replayed, oversized), 500, [401, 405, 409, 413])
    const { memory } = functionProcess('supaqueue')

    await refused(malformed, 1000, [401, 405, 413])
    await refused(missigned, 600, [401, 413])
    await refused(replayed, 400, [401, 409])
    await refused(oversized, 400, [413])

    const after = functionProcess('supaqueue')
    expect(after.pid).toBe(pid)
    expect(after.memory - memory).toBeLessThan(MAX_GROWTH)
    expect(await everything()).toEqual(before)
    expect(scene.witness.calls).toHaveLength(1)
  })

  test('what breaks off in the middle leaves no trace, not even in the log', async () => {
    const before = await everything()
    scene.lines.length = 0
    const whole = [
      'POST /functions/v1/supaqueue HTTP/1.1',
      'host: x',
      ...Object.entries(genuine.headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${genuine.body.length}`,
      '',
      genuine.body,
    ].join('\r\n')

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(whole.length - 1), { minLength: TOGETHER, maxLength: TOGETHER }),
        async (ends) => {
          await Promise.all(ends.map((end) => say(whole.slice(0, end))))
        },
      ),
      { numRuns: 20 },
    )

    expect((await send(genuine)).status).toBe(409)
    expect(await everything()).toEqual(before)
    expect(scene.lines).toEqual([])
  })

  test('none of it keeps the database from being heard', async () => {
    scene.stack.net!.setIntercept(() => 'send')
    await scene.pass('1 minute', queue)
    await scene.sweep()
    await scene.untilEnded(queue)

    expect(scene.witness.calls.map(({ payload }) => payload)).toEqual([{}, 'untouched'])
  })
})

/** Says something to the gateway and hangs up. */
const say = (text: string) =>
  new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(scene.stack.apiUrl).port), '127.0.0.1')
    // Its end is not an answer's: the rest never comes.
    socket.end(text, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })

/** All that a run would change. */
async function everything() {
  const { rows } = await scene.db.query(`
    select job.*, current_job.id as token, current_job.lease_until, current_job.dispatcher, heartbeat.run, heartbeat.awake_until
    from supaqueue.job
    join supaqueue.heartbeat using (queue)
    left join supaqueue.current_job on current_job.job = job.id
    order by job.id`)
  return rows
}
