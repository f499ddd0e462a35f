import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../../../scripts/dev/keys.ts'
import { startRestThin } from '../../../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../../../scripts/dev/stack/undo.ts'
import { harness } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { databaseWith } from '../database.ts'

const own = databaseWith('pgqueuer')
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

const enqueue = async (named: Record<string, unknown>, session = own.harness): Promise<number> => {
  const names = Object.keys(named)
  const { rows: [row] } = await session.db.query(
    `select public.fn_pgqueuer_enqueue(${names.map((name, i) => `${name} => $${i + 1}`).join(', ')}) as id`,
    Object.values(named),
  )
  return row.id
}
const entrypoint = async () => {
  const name = `fetch-${randomUUID()}`
  await own.harness.queue({ name })
  return name
}
const stored = async (payload: unknown) =>
  (await own.harness.jobRow(await enqueue({ entrypoint: await entrypoint(), payload }))).payload

describe('fn_pgqueuer_enqueue', () => {
  test('P1, P2: only the entrypoint is needed, arguments go by name, and the id of the job comes back', async () => {
    const id = await enqueue({ entrypoint: await entrypoint() })

    expect(await own.harness.jobRow(id)).toMatchObject({
      id,
      payload: {},
      priority: 0,
      dedupe_key: null,
      headers: null,
      status: 'pending',
      attempts: 0,
    })
  })

  test('P3: one call is one job', async () => {
    const name = await entrypoint()
    const before = await own.harness.db.query('select count(*)::integer from supaqueue.job')
    await enqueue({ entrypoint: name })
    const after = await own.harness.db.query('select count(*)::integer from supaqueue.job')

    expect(after.rows[0].count).toBe(before.rows[0].count + 1)
  })

  test('P4: a job runs at now + execute_after, and is gone with the transaction that is rolled back', async () => {
    const name = await entrypoint()
    await own.harness.begin()
    const id = await enqueue({ entrypoint: name, execute_after: '5 minutes' })
    const { rows } = await own.harness.db.query(
      `select run_at = now() + interval '5 minutes' as exact, created_at = now() as logged from supaqueue.job where id = $1`,
      [id],
    )
    await own.harness.rollback()

    expect(rows).toEqual([{ exact: true, logged: true }])
    expect(await own.harness.jobRow(id)).toBeUndefined()
  })

  test.for([
    ['an object', '{"url": "https://example.com", "n": 1}', { url: 'https://example.com', n: 1 }],
    ['an array', '[1, "zwei"]', [1, 'zwei']],
    ['letters that are not ASCII', '{"name": "Ærø ✓"}', { name: 'Ærø ✓' }],
  ])('P7: a payload is base64, and JSON stays JSON: %s', async ([, json, value]) => {
    expect(await stored(base64(json as string))).toEqual(value)
  })

  test('P7: a payload that is no JSON is kept as base64, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)

    expect(await stored(base64('hello'))).toEqual({ $base64: base64('hello') })
    expect(await stored(base64(bytes))).toEqual({ $base64: base64(bytes) })
    expect(await stored(base64('"\\u0000"'))).toEqual({ $base64: base64('"\\u0000"') })
    expect(await stored('')).toEqual({ $base64: '' })
  })

  test('P7: bytes that are no base64 stand for themselves', async () => {
    expect(await stored(Buffer.from('{"a": 1}'))).toEqual({ a: 1 })
    expect(await stored(Buffer.from('no base64!'))).toEqual({ $base64: base64('no base64!') })
  })

  test('P10: a payload larger than its queue takes is refused', async () => {
    const name = await entrypoint()
    await own.harness.db.query('update supaqueue.queue set payload_max_bytes = 20 where name = $1', [name])

    expect(await refusal(enqueue({ entrypoint: name, payload: base64(JSON.stringify('x'.repeat(30))) })))
      .toMatchObject({ code: 'SQ413' })
  })

  test('P13: a dedupe_key is unique across all entrypoints until its job has ended, error 23505', async () => {
    const [one, other] = [await entrypoint(), await entrypoint()]
    const id = await enqueue({ entrypoint: one, dedupe_key: 'fetch:hello' })

    for (const name of [one, other]) {
      expect(await refusal(enqueue({ entrypoint: name, dedupe_key: 'fetch:hello' }))).toMatchObject({
        code: '23505',
        message: `the dedupe_key 'fetch:hello' is taken by job ${id}`,
        hint: expect.stringContaining('Nothing was changed'),
      })
    }
    await own.harness.update('job', id, { status: 'cancelled' })
    expect(await enqueue({ entrypoint: other, dedupe_key: 'fetch:hello' })).toBeGreaterThan(id)
  })

  test('P13: of two who enqueue the same key to two entrypoints at once, one does', async () => {
    const [one, other] = [await entrypoint(), await entrypoint()]
    const second = harness(await own.database.connect())
    await own.harness.begin()
    await enqueue({ entrypoint: one, dedupe_key: 'at once' })
    const waiting = refusal(enqueue({ entrypoint: other, dedupe_key: 'at once' }, second))
    await expect.poll(() => own.harness.isBlocked(second)).toBe(true)
    await own.harness.commit()

    expect(await waiting).toMatchObject({ code: '23505' })
  })

  test('P13: the job of the higher priority goes first', async () => {
    const name = await entrypoint()
    const low = await enqueue({ entrypoint: name, priority: 1 })
    const high = await enqueue({ entrypoint: name, priority: 5 })
    const { rows: [{ id: queue }] } = await own.harness.db.query('select id from supaqueue.queue where name = $1', [
      name,
    ])
    await own.harness.workers(queue, 1)
    await own.harness.processJobs(queue)

    expect(await own.harness.inProgress(queue)).toEqual([high])
    expect(await own.harness.jobRow(low)).toMatchObject({ status: 'pending' })
  })

  test('an entrypoint that is no queue is refused, with the names that are like it', async () => {
    expect(await refusal(enqueue({ entrypoint: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
  })
})

describe('who may call it', () => {
  test('P9: no implicit grant: neither PUBLIC, anon nor authenticated', async () => {
    const { rows } = await own.harness.db.query(`
      select role, has_function_privilege(role, 'public.fn_pgqueuer_enqueue(text, bytea, integer, interval, text, jsonb)', 'execute') as may
      from unnest(array['anon', 'authenticated', 'service_role', 'public']) as role where role <> 'public'`)
    const { rows: [acl] } = await own.harness.db.query(
      `select bool_or(grantee = 0) as public from pg_proc, aclexplode(proacl) where proname = 'fn_pgqueuer_enqueue'`,
    )

    expect(rows).toEqual([
      { role: 'anon', may: false },
      { role: 'authenticated', may: false },
      { role: 'service_role', may: true },
    ])
    expect(acl.public).toBe(false)
  })

  test('P8, P10: a role needs EXECUTE alone, and reaches the entrypoints that are listed for it, no others', async () => {
    const [allowed, other] = [await entrypoint(), await entrypoint()]
    const admin = harness(await own.database.connect('admin'))
    const role = `pgqapi_${randomUUID().replaceAll('-', '')}`
    await admin.db.query(`create role ${role}`)
    try {
      await admin.db.query(`grant execute on function public.fn_pgqueuer_enqueue to ${role}; set role ${role}`)
      expect(await refusal(enqueue({ entrypoint: allowed }, admin))).toMatchObject({
        code: 'SQ403',
        hint: expect.stringContaining(`insert into supaqueue.setting`),
      })
      await own.harness.setting(`pgqueuer_entrypoints_of_${role}`, `${allowed},another`)

      expect(await enqueue({ entrypoint: allowed }, admin)).toBeGreaterThan(0)
      expect(await refusal(enqueue({ entrypoint: other }, admin))).toMatchObject({ code: 'SQ403' })
      expect(await refusal(admin.db.query('select from supaqueue.job'))).toMatchObject({ code: '42501' })
    } finally {
      await admin.db.query(`reset role; drop owned by ${role}; drop role ${role}`)
    }
  })
})

describe('POST /rpc/fn_pgqueuer_enqueue', () => {
  const undo = makeUndo()
  let url: string
  let keys: Awaited<ReturnType<typeof makeKeys>>
  beforeAll(async () => {
    keys = await makeKeys()
    const gateway = await startGateway({ keyring: makeKeyring(keys) })
    undo.add(gateway.stop)
    const rest = await startRestThin({ databaseUrl: own.database.authenticatorUrl, connections: 2 })
    undo.add(rest.stop)
    gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
    url = `${gateway.url}/rest/v1/rpc/fn_pgqueuer_enqueue`
    await own.harness.queue({ name: 'fetch' })
  })
  afterAll(() => undo.run())

  const post = async (body: unknown, headers: Record<string, string> = { apikey: keys.secret }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, text: await response.text() }
  }

  test('P5: the body of the response is the number alone', async () => {
    const { status, text } = await post({ entrypoint: 'fetch', payload: '' })

    expect(status).toBe(200)
    expect(text).toMatch(/^\d+$/)
    expect(await own.harness.jobRow(Number(text))).toMatchObject({ status: 'pending' })
  })

  test('P6, P13: the full example is enqueued, and a second one is refused with HTTP 409 and 23505', async () => {
    const body = {
      entrypoint: 'fetch',
      payload: base64('{"url": "https://example.com"}'),
      priority: 5,
      execute_after: '10 seconds',
      dedupe_key: 'fetch:example',
      headers: { 'x-source': 'rest' },
    }
    const { text } = await post(body)
    const again = await post(body)

    expect(await own.harness.jobRow(Number(text))).toMatchObject({
      payload: { url: 'https://example.com' },
      priority: 5,
      dedupe_key: 'fetch:example',
      headers: { 'x-source': 'rest' },
    })
    expect(again.status).toBe(409)
    expect(JSON.parse(again.text)).toMatchObject({ code: '23505' })
  })

  test('P9: anon and authenticated are refused', async () => {
    const jwt = await signJwt(keys.jwtSecret, { role: 'authenticated', sub: 'somebody' })

    expect((await post({ entrypoint: 'fetch' }, { apikey: keys.publishable })).status).toBe(401)
    expect((await post({ entrypoint: 'fetch' }, { apikey: keys.publishable, authorization: `Bearer ${jwt}` })).status)
      .toBe(403)
  })
})
