import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { startRestThin } from '../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { ask } from '../support/ask.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { allow } from '../support/door.ts'
import { type Harness, harness as harnessOf } from '../support/harness.ts'

const keys = await makeKeys()
const undo = makeUndo()
let database: TestDatabase
let harness: Harness
let url: string

beforeAll(async () => {
  database = await testDatabase()
  undo.add(database.drop)
  harness = harnessOf(await database.connect())
  const rest = await startRestLite({
    databaseUrl: database.ownerUrl,
    authenticatorUrl: database.authenticatorUrl,
    connections: 4,
  })
  undo.add(rest.stop)
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  url = gateway.url
})
afterAll(() => undo.run())

type Headers = Record<string, string>

const anon = { apikey: keys.publishable }
const service = { apikey: keys.secret }
const user = async (sub: unknown = randomUUID()) => ({
  apikey: keys.publishable,
  authorization: `Bearer ${await signJwt(keys.jwtSecret, { role: 'authenticated', sub })}`,
})

async function send(
  path: string,
  headers: Headers,
  { method = 'POST', body }: { method?: string; body?: unknown } = {},
) {
  const response = await fetch(`${url}/rest/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : undefined }
}
const enqueue = (headers: Headers, body: unknown) => send('rpc/supaqueue_enqueue', headers, { body })
const status = (headers: Headers, job: number) => send('rpc/supaqueue_status', headers, { body: { job } })
const cancel = (headers: Headers, job: number) => send('rpc/supaqueue_cancel', headers, { body: { job } })

/** A queue that is open to a role, by its name. */
async function open(door = {}, role = 'authenticated') {
  const name = `q-${randomUUID()}`
  const queue = await harness.queue({ name, workers: 1 })
  await allow(harness, queue, door, role)
  return { name, queue }
}

describe('while no queue is open', () => {
  test.for(['supaqueue_enqueue', 'supaqueue_status', 'supaqueue_cancel', 'supaqueue_signal'])(
    'P9: nobody but service_role may call %s',
    async (name) => {
      const body = {
        ...(name === 'supaqueue_enqueue' ? { queue: 'any' } : { job: 1 }),
        ...(name === 'supaqueue_signal' && { name: 'approval' }),
      }

      expect(await send(`rpc/${name}`, anon, { body })).toMatchObject({ status: 401, body: { code: '42501' } })
      expect(await send(`rpc/${name}`, await user(), { body })).toMatchObject({ status: 403, body: { code: '42501' } })
      expect(await send(`rpc/${name}`, service, { body })).toMatchObject({ status: 404, body: { code: 'SQ404' } })
    },
  )
})

describe('a user who is signed in', () => {
  test('P5: enqueues to an open queue and gets the number alone, sees the job, and follows it to its end', async () => {
    const { name, queue } = await open({ show_result: true })
    const headers = await user()

    const enqueued = await enqueue(headers, { queue: name, payload: { n: 1 } })
    const begun = await status(headers, Number(enqueued.text))
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)
    await harness.progress(entry!.current_job.id, 50, 'half')
    const half = await status(headers, Number(enqueued.text))
    await harness.report(run, queue, [entry!.current_job.id], 'success', { result: { ok: true } })
    const ended = await status(headers, Number(enqueued.text))

    expect(enqueued).toMatchObject({ status: 200, text: expect.stringMatching(/^\d+$/) })
    expect(begun).toMatchObject({ status: 200, body: { queue: name, status: 'in_progress', result: null } })
    expect(half.body).toMatchObject({ progress_percent: 50, progress_note: 'half' })
    expect(ended.body).toMatchObject({ status: 'success', result: { ok: true }, attempts: 1 })
  })

  test('P10: does not see the job of another, nor cancel it', async () => {
    const { name } = await open({ may_cancel: true })
    const { body: job } = await enqueue(await user(), { queue: name, run_at: new Date(Date.now() + 60_000) })
    const other = await user()

    expect(await status(other, job)).toMatchObject({ status: 404, body: { code: 'SQ404' } })
    expect(await cancel(other, job)).toMatchObject({ status: 404, body: { code: 'SQ404' } })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending' })
  })

  test('cancels a job of their own where the door says so, and is refused elsewhere', async () => {
    const headers = await user()
    const later = new Date(Date.now() + 60_000)
    const [may, mayNot] = [await open({ may_cancel: true }), await open()]
    const { body: one } = await enqueue(headers, { queue: may.name, run_at: later })
    const { body: other } = await enqueue(headers, { queue: mayNot.name, run_at: later })

    expect(await cancel(headers, one)).toMatchObject({ status: 200, body: true })
    expect(await cancel(headers, other)).toMatchObject({
      status: 403,
      body: { code: 'SQ403', hint: expect.any(String) },
    })
  })

  test('sends a job of their own the signals that the door lists, and no others', async () => {
    const { name } = await open({ may_signal: '{approval}' })
    const headers = await user()
    const { body: job } = await enqueue(headers, { queue: name, run_at: new Date(Date.now() + 60_000) })
    const signal = (more: object, who = headers) => send('rpc/supaqueue_signal', who, { body: { job, ...more } })

    expect(await signal({ name: 'approval', payload: { by: 'Ada' } })).toMatchObject({ status: 200, text: 'null' })
    expect(await signal({ name: 'payment' })).toMatchObject({ status: 403, body: { code: 'SQ403' } })
    expect(await signal({ name: 'approval' }, await user())).toMatchObject({ status: 404, body: { code: 'SQ404' } })
    const { rows } = await harness.db.query('select name, payload from supaqueue.signal where job = $1', [job])
    expect(rows).toEqual([{ name: 'approval', payload: { by: 'Ada' } }])
  })

  test('is told the same of a closed queue, of one open to anon only, and of none', async () => {
    const headers = await user()
    const closed = `q-${randomUUID()}`
    await harness.queue({ name: closed })
    await open()
    const { name: foreign } = await open({}, 'anon')

    const answers = await Promise.all([closed, foreign, randomUUID()].map(async (queue) => {
      const { status, text } = await enqueue(headers, { queue })
      return { status, text: text.replaceAll(queue, 'it') }
    }))

    expect(answers[0]).toMatchObject({ status: 404, text: expect.stringContaining('SQ404') })
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  test('P10: is refused with 413, 422 and 429, each with a code, a message and a hint', async () => {
    const { name } = await open({ max_bytes: 20, per_minute: 3, schema: { properties: { n: { type: 'integer' } } } })
    const headers = await user()
    const refused = (status: number) => ({
      status,
      body: { code: `SQ${status}`, message: expect.any(String), hint: expect.stringContaining('Nothing was changed') },
    })

    expect(await enqueue(headers, { queue: name, payload: 'x'.repeat(20) })).toMatchObject(refused(413))
    const wrong = await enqueue(headers, { queue: name, payload: { n: 'one' } })
    expect(wrong).toMatchObject(refused(422))
    expect(wrong.body.message).toContain('payload.n')
    expect(await enqueue(headers, { queue: name })).toMatchObject({ status: 200 })
    const tooMany = await enqueue(headers, { queue: name })
    expect(tooMany).toMatchObject(refused(429))
    expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('P3: sends many in parallel, and each call is one job', async () => {
    const { name, queue } = await open()
    const headers = await user()

    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, n) => enqueue(headers, { queue: name, payload: { n } })),
    )

    expect(new Set(sent.map(({ body }) => body)).size).toBe(20)
    const { rows } = await harness.db.query('select from supaqueue.job where queue = $1', [queue])
    expect(rows).toHaveLength(20)
  })

  test('P10: sends many in parallel, and no more get through than a minute has', async () => {
    const { name, queue } = await open({ per_minute: 5 })
    const headers = await user()

    const sent = await Promise.all(Array.from({ length: 15 }, () => enqueue(headers, { queue: name })))

    const through = sent.filter(({ status }) => status === 200).length
    expect(through).toBeGreaterThan(0)
    expect(through).toBeLessThanOrEqual(5)
    expect(sent.filter(({ body }) => body?.code === 'SQ429')).toHaveLength(15 - through)
    expect((await harness.db.query('select from supaqueue.job where queue = $1', [queue])).rowCount).toBe(through)
  })

  test('is answered in order whatever they send: enqueued or refused, and never with an error of the server', async () => {
    const { name } = await open({
      schema: { type: 'object', properties: { a: { type: 'string', format: 'date-time' } } },
    })
    const headers = await user()
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(name, 'infinity', '\0', '9999999-01-01', ''))
    const anything = fc.oneof(text, fc.jsonValue())

    await fc.assert(
      fc.asyncProperty(
        fc.record({
          queue: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(name) }, { weight: 1, arbitrary: anything }),
          payload: fc.oneof(fc.record({ a: anything }), fc.jsonValue()),
          dedupe_key: anything,
          run_at: fc.oneof(fc.constant(null), anything),
        }, { requiredKeys: [] }),
        async (body) => {
          const { status } = await enqueue(headers, body)
          expect([200, 400, 404, 413, 422], JSON.stringify(body)).toContain(status)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('P11: reaches a queue by the name it was given since, and by the old one no more', async () => {
    const { name, queue } = await open()
    const headers = await user()
    await harness.update('queue', queue, { name: `${name}-renamed` })

    expect(await enqueue(headers, { queue: `${name}-renamed` })).toMatchObject({ status: 200 })
    expect(await enqueue(headers, { queue: name })).toMatchObject({ status: 404, body: { code: 'SQ404' } })
  })

  test('P12: needs no schema but public to be exposed', async () => {
    const rest = await startRestThin({ databaseUrl: database.authenticatorUrl, schemas: ['public'], connections: 1 })
    const gateway = await startGateway({ keyring: makeKeyring(keys) })
    gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
    const { name } = await open()
    const response = await fetch(`${gateway.url}/rest/v1/rpc/supaqueue_enqueue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...await user() },
      body: JSON.stringify({ queue: name }),
    })
    await response.text()
    await gateway.stop()
    await rest.stop()

    expect(response.status).toBe(200)
  })

  test('whose token names no user is refused', async () => {
    const { name } = await open()

    expect(await enqueue(await user('auth0|17'), { queue: name })).toMatchObject({
      status: 403,
      body: { code: 'SQ403' },
    })
  })

  test('cannot enqueue in the name of another, or with what a door does not offer', async () => {
    const { name } = await open()
    const headers = await user()

    for (const extra of [{ owner: randomUUID() }, { priority: 9 }, { headers: {} }, { status: 'held' }]) {
      expect(await enqueue(headers, { queue: name, ...extra })).toMatchObject({
        status: 404,
        body: { code: 'PGRST202' },
      })
    }
  })
})

describe('anon', () => {
  test('enqueues to a queue that is open to anon, and sees nothing of it', async () => {
    const { name } = await open({}, 'anon')
    expect(await enqueue(anon, { queue: name, payload: { n: 1 } })).toMatchObject({ status: 200, body: null })

    const { rows } = await harness.db.query(
      `select job.id, payload, owner from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = $1`,
      [name],
    )
    expect(rows).toEqual([{ id: expect.any(Number), payload: { n: 1 }, owner: null }])
    const job = rows[0].id
    expect(await status(anon, job)).toMatchObject({ status: 404, body: { code: 'SQ404' } })
    expect(await cancel(anon, job)).toMatchObject({ status: 404, body: { code: 'SQ404' } })
  })

  test('P10: does not reach a queue that is open to users only', async () => {
    await open({}, 'anon')
    const { name } = await open()

    expect(await enqueue(anon, { queue: name })).toMatchObject({ status: 404, body: { code: 'SQ404' } })
  })
})

describe.for(
  [['anon', () => Promise.resolve(anon)], ['authenticated', () => user()]] as const,
)('%s, with queues open to both,', ([, signIn]) => {
  const tables = ['job', 'queue', 'worker', 'current_job', 'door', 'door_use', 'setting', 'attempt']
  const profile = { 'accept-profile': 'supaqueue', 'content-profile': 'supaqueue' }

  beforeAll(async () => {
    await open({}, 'anon')
    await open()
  })

  test.for(tables)('cannot read %s', async (table) => {
    const { status, text } = await send(table, { ...await signIn(), ...profile }, { method: 'GET' })

    expect([401, 403]).toContain(status)
    expect(text).toContain('42501')
  })

  test.for(tables)('cannot write %s', async (table) => {
    for (const [method, body] of [['POST', { id: 1 }], ['PATCH', { id: 1 }], ['DELETE', undefined]] as const) {
      const path = method === 'POST' ? table : `${table}?created_at=gt.2000-01-01`
      const { status } = await send(path, { ...await signIn(), ...profile }, { method, body })

      expect(status, method).toBeGreaterThanOrEqual(400)
    }
  })

  test.for(
    [
      ['enqueue', { queue: 'any' }],
      ['allow', { queue: 'any', role: 'anon' }],
      ['revoke', { queue: 'any' }],
      ['cancel', { job: 1 }],
    ] as const,
  )('cannot run supaqueue.%s', async ([name, body]) => {
    expect(await send(`rpc/${name}`, { ...await signIn(), ...profile }, { body })).toMatchObject({
      body: { code: '42501' },
    })
  })

  test('cannot reach the inner functions', async () => {
    const inner = { 'accept-profile': 'supaqueue_internal', 'content-profile': 'supaqueue_internal' }

    expect(await send('rpc/keep_doors', { ...await signIn(), ...inner }, { body: {} })).toMatchObject({
      status: 406,
      body: { code: 'PGRST106' },
    })
  })

  test('cannot run the turn of the dispatcher', async () => {
    expect(await send('rpc/supaqueue_turn', await signIn(), { body: { request: {} } })).toMatchObject({
      body: { code: '42501' },
    })
  })
})

describe('service_role', () => {
  const headers = { ...service, 'content-profile': 'supaqueue' }

  test('opens and closes a queue over HTTP', async () => {
    const name = `q-${randomUUID()}`
    await harness.queue({ name })
    const allowed = await send('rpc/allow', headers, { body: { queue: name, role: 'authenticated' } })
    const opened = await enqueue(await user(), { queue: name })
    const revoked = await send('rpc/revoke', headers, { body: { queue: name } })
    await open()

    expect(allowed.status).toBe(204)
    expect(opened.status).toBe(200)
    expect(revoked).toMatchObject({ status: 200, body: true })
    expect(await enqueue(await user(), { queue: name })).toMatchObject({ status: 404 })
  })

  test('needs no door, and sees every job with its result', async () => {
    const name = `q-${randomUUID()}`
    await harness.queue({ name })
    const { body: job } = await enqueue(service, { queue: name, payload: { n: 1 } })

    expect(await status(service, job)).toMatchObject({ status: 200, body: { id: job, status: 'pending' } })
    expect(await cancel(service, job)).toMatchObject({ status: 200, body: true })
  })
})

test('with the last queue that closes, the role cannot call at all any more', async () => {
  const { queue } = await open()
  const { rows } = await harness.db.query('select distinct queue from supaqueue.door')
  for (const { queue } of rows) await ask(harness, 'revoke', { queue })

  expect(await enqueue(await user(), { queue })).toMatchObject({ status: 403, body: { code: '42501' } })
  expect(await enqueue(anon, { queue })).toMatchObject({ status: 401, body: { code: '42501' } })
})
