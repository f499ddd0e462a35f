import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { startRestThin } from '../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { bombs } from '../support/bombs.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { allow } from '../support/door.ts'
import { type Harness, harness as harnessOf } from '../support/harness.ts'

// Calls that a door refuses, one after another and many at once: each is charged before anything of it is looked at, so that the
// limit ends a flood of bad calls as it ends one of good ones.

type Bad = { what: string; status: number; code: string; body: fc.Arbitrary<string> }
type Answer = { status: number; body: Record<string, unknown> }

const json = (fields: Record<string, unknown>) => JSON.stringify(fields)
const ofAnybody: Bad[] = [
  {
    what: 'too many bytes',
    status: 413,
    code: 'SQ413',
    body: fc.string({ minLength: 2001, maxLength: 9000 }).map((text) => json({ payload: { n: 1, text } })),
  },
  {
    what: 'what the schema does not take',
    status: 422,
    code: 'SQ422',
    body: fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
      fc.array(fc.integer()),
    )
      .filter((n) => !Number.isInteger(n)).map((n) => json({ payload: { n } })),
  },
  {
    what: 'bombs',
    status: 422,
    code: 'SQ422',
    // Of some sizes PostgreSQL's own parser of the request is the first to say no.
    body: fc.constantFrom(...bombs.map(([, text]) => text)).map((text) => `{"payload": {"n": 1, "bomb": ${text}}}`),
  },
  {
    what: 'times too far away',
    status: 422,
    code: 'SQ422',
    body: fc.constantFrom('infinity', '2999-01-01', '294276-12-31').map((run_at) =>
      json({ payload: { n: 1 }, run_at })
    ),
  },
  {
    what: 'what a trigger of the project refuses',
    status: 400,
    code: 'P0001',
    body: fc.string().map((text) => json({ payload: { n: 13, text: text.slice(0, 50) } })),
  },
  {
    what: 'what is cancelled',
    status: 500,
    code: '57014',
    body: fc.constant(json({ payload: { n: 14 } })),
  },
]
const keyTooLong: Bad = {
  what: 'keys that are too long',
  status: 422,
  code: 'SQ422',
  body: fc.integer({ min: 501, max: 3000 }).map((n) => json({ payload: { n: 1 }, dedupe_key: 'k'.repeat(n) })),
}
const keyOfNobody: Bad = {
  what: 'keys of nobody',
  status: 422,
  code: 'SQ422',
  body: fc.string({ maxLength: 20 }).map((dedupe_key) => json({ payload: { n: 1 }, dedupe_key })),
}

const approval = fc.constant(json({ name: 'approval' }))
const badSignals: (Bad & { end?: string })[] = [
  {
    what: 'names that the door does not list',
    status: 403,
    code: 'SQ403',
    body: fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom(null, '', 'approval ', 'APPROVAL'))
      .filter((name) => name !== 'approval' && !name?.includes('\0')).map((name) => json({ name })),
  },
  {
    what: 'too many bytes',
    status: 413,
    code: 'SQ413',
    body: fc.string({ minLength: 2001, maxLength: 9000 }).map((payload) => json({ name: 'approval', payload })),
  },
  {
    what: 'bombs',
    status: 422,
    code: 'SQ422',
    body: fc.constantFrom(...bombs.map(([, text]) => text)).map((text) => `{"name": "approval", "payload": ${text}}`),
  },
  {
    what: 'keys that are too long',
    status: 422,
    code: 'SQ422',
    body: fc.integer({ min: 201, max: 3000 }).map((n) => json({ name: 'approval', idempotency_key: 'k'.repeat(n) })),
  },
  { what: 'signals to a job that has ended', status: 409, code: 'SQ409', body: approval, end: 'cancelled' },
  {
    what: 'what a trigger of the project refuses',
    status: 400,
    code: 'P0001',
    body: fc.string().map((text) => json({ name: 'approval', payload: { n: 13, text: text.slice(0, 50) } })),
  },
  {
    what: 'what is cancelled',
    status: 500,
    code: '57014',
    body: fc.constant(json({ name: 'approval', payload: { n: 14 } })),
  },
]

const keys = await makeKeys()
const undo = makeUndo()
let database: TestDatabase
let harness: Harness
const urls: Record<string, string> = {}

beforeAll(async () => {
  database = await testDatabase()
  undo.add(database.drop)
  harness = harnessOf(await database.connect('owner'))
  await harness.db.query(`
    create function public.superstition() returns trigger language plpgsql as $$ begin
      if new.payload ->> 'n' = '13' then raise exception 'thirteen'; end if;
      if new.payload ->> 'n' = '14' then perform pg_cancel_backend(pg_backend_pid()), pg_sleep(60); end if;
      if new.payload ->> 'n' = '15' then perform pg_sleep(60); end if;
      return new;
    end $$;
    create trigger superstition before insert on supaqueue.job for each row execute function public.superstition();
    create trigger superstition before insert on supaqueue.signal for each row execute function public.superstition()`)
  const rests = {
    lite: await startRestLite({
      databaseUrl: database.ownerUrl,
      authenticatorUrl: database.authenticatorUrl,
      connections: 4,
    }),
    thin: await startRestThin({ databaseUrl: database.authenticatorUrl }),
  }
  for (const [kind, rest] of Object.entries(rests)) {
    undo.add(rest.stop)
    const gateway = await startGateway({ keyring: makeKeyring(keys) })
    undo.add(gateway.stop)
    gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
    urls[kind] = gateway.url
  }
})
afterAll(() => undo.run())

const userKeys = async (): Promise<Record<string, string>> => ({
  apikey: keys.publishable,
  authorization: `Bearer ${await signJwt(keys.jwtSecret, { role: 'authenticated', sub: randomUUID() })}`,
})

async function post(kind: string, headers: Record<string, string>, name: string, body: string) {
  const response = await fetch(`${urls[kind]}/rest/v1/rpc/supaqueue_${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const send = (kind: string, headers: Record<string, string>, queue: string, body: string) =>
  post(kind, headers, 'enqueue', body.replace('{', `{"queue": "${queue}", `))

/** The first answers are refusals in the form of the Data API, the others say that the limit is reached. */
function endsAfter(limit: number, answers: Answer[], { status, code }: Bad) {
  for (const answer of answers.slice(0, limit)) {
    expect(answer).toMatchObject({
      status,
      body: {
        code,
        message: expect.any(String),
        details: null,
        hint: code.startsWith('SQ') ? expect.any(String) : null,
      },
    })
    expect(Object.keys(answer.body)).toEqual(['code', 'details', 'hint', 'message'])
  }
  for (const answer of answers.slice(limit)) expect(answer).toMatchObject({ status: 429, body: { code: 'SQ429' } })
}

async function open(role: string, door: Record<string, unknown>) {
  const name = `q-${randomUUID()}`
  const queue = await harness.queue({ name })
  const schema = { properties: { n: { type: 'integer' } } }
  await allow(harness, queue, { max_bytes: 2000, schema, ...door }, role)
  return { name, queue }
}
const jobsOf = async (queue: string) =>
  (await harness.db.query('select from supaqueue.job where queue = $1', [queue])).rows.length

const people = [
  ['anon', () => Promise.resolve({ apikey: keys.publishable }), [...ofAnybody, keyOfNobody]],
  ['authenticated', userKeys, [...ofAnybody, keyTooLong]],
] as const

const LIMIT = 3

test('what takes longer than the statement_timeout of its role is charged as well', async () => {
  const { name } = await open('anon', { per_minute: 1 })
  const headers = { apikey: keys.publishable }

  expect(await send('thin', headers, name, '{"payload": {"n": 15}}')).toMatchObject({
    status: 500,
    body: { code: '57014' },
  })
  expect(await send('thin', headers, name, '{"payload": {"n": 1}}')).toMatchObject({ status: 429 })
})

describe.each(['lite', 'thin'])('by %s', (kind) => {
  describe.each(people)('%s', (role, headersOf, bad) => {
    test.each(bad)('ends a flood of $what', async (one) => {
      const { name, queue } = await open(role, { per_minute: LIMIT })
      const headers = await headersOf()
      const answers = []
      for (const text of fc.sample(one.body, LIMIT + 3)) answers.push(await send(kind, headers, name, text))

      endsAfter(LIMIT, answers, one)
      // And what is fine waits as well.
      expect(await send(kind, headers, name, '{"payload": {"n": 1}}')).toMatchObject({ status: 429 })
      expect(await jobsOf(queue)).toBe(0)
    })

    test('ends one that comes at once, whatever is in it', async () => {
      const { name, queue } = await open(role, { per_minute: LIMIT })
      const headers = await headersOf()
      const texts = bad.filter((one) => one.code !== '57014').flatMap((one) => fc.sample(one.body, 2))
      const answers = await Promise.all(texts.map((text) => send(kind, headers, name, text)))

      expect(answers.filter((answer) => answer.body.code !== 'SQ429').length).toBeLessThanOrEqual(LIMIT)
      expect(await jobsOf(queue)).toBe(0)
    })

    test('charges the address, too', async () => {
      const { name } = await open(role, { per_minute: 1000, per_address: LIMIT })
      const answers = []
      for (let i = 0; i < LIMIT + 2; i++) {
        // A new user each time: accounts may be without end.
        answers.push(
          await send(kind, { ...await headersOf(), 'x-forwarded-for': '192.0.2.7' }, name, '{"payload": {"n": "x"}}'),
        )
      }

      expect(answers.map((answer) => answer.status)).toEqual([422, 422, 422, 429, 429])
    })
  })

  describe('signals of a user', () => {
    /** A job of a user who may signal it, with LIMIT signals left of the minute. */
    const job = async (door: object) => {
      const { name } = await open('authenticated', { may_signal: '{approval}', ...door })
      const headers = await userKeys()
      const soon = new Date(Date.now() + 3600_000)
      const { body: id } = await send(kind, headers, name, json({ payload: { n: 1 }, run_at: soon }))
      const signal = (text: string) => post(kind, headers, 'signal', text.replace('{', `{"job": ${id}, `))
      return { id, headers, signal }
    }
    const signalsOf = async (id: number) =>
      (await harness.db.query('select from supaqueue.signal where job = $1', [id])).rows.length

    test.each(badSignals)('end when there is a flood of $what', async ({ end, ...one }) => {
      const { id, signal } = await job({ per_minute: LIMIT + 1 })
      if (end) await harness.db.query('update supaqueue.job set status = $1 where id = $2', [end, id])
      const answers = []
      for (const text of fc.sample(one.body, LIMIT + 3)) answers.push(await signal(text))

      endsAfter(LIMIT, answers, one)
      expect(await signal(json({ name: 'approval' }))).toMatchObject({ status: 429 })
      expect(await signalsOf(id)).toBe(0)
    })

    test('end when they come at once, whatever is in them', async () => {
      const { id, signal } = await job({ per_minute: LIMIT + 1 })
      const texts = badSignals.filter((one) => one.code !== '57014' && !one.end).flatMap((one) =>
        fc.sample(one.body, 2)
      )
      const answers = await Promise.all(texts.map(signal))

      expect(answers.filter((answer) => answer.body.code !== 'SQ429').length).toBeLessThanOrEqual(LIMIT)
      expect(await signalsOf(id)).toBe(0)
    })

    test('are charged to the address, too', async () => {
      const { headers, signal } = await job({ per_minute: 1000, per_address: LIMIT })
      headers['x-forwarded-for'] = '192.0.2.8'
      const answers = []
      for (let i = 0; i < LIMIT + 2; i++) answers.push(await signal(json({ name: 'payment' })))

      expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403, 429, 429])
    })
  })
})

test('every function of a door is charged before its work, or reads a few rows by their keys', async () => {
  const { rows } = await harness.db.query<{ name: string }>(`
    select distinct proname as name
    from pg_proc join pg_namespace on pg_namespace.oid = pronamespace, unnest('{anon, authenticated}'::text[]) as role
    where nspname ~ '^supaqueue' and has_schema_privilege(role, nspname, 'usage') and has_function_privilege(role, pg_proc.oid, 'execute')
      or nspname = 'public' and proname ~ 'supaqueue|end_current_job' and has_function_privilege(role, pg_proc.oid, 'execute')
    order by 1`)
  const charged = ['supaqueue_enqueue', 'supaqueue_signal']
  const byKey = ['supaqueue_cancel', 'supaqueue_status']
  expect(rows.map(({ name }) => name)).toEqual([...charged, ...byKey].sort())

  const { name, queue } = await open('authenticated', { may_cancel: false })
  const headers = await userKeys()
  const { body: own } = await send('thin', headers, name, '{"payload": {"n": 1}}')
  await harness.db.query(`insert into supaqueue.job (queue, status) select $1, 'held' from generate_series(1, 2000)`, [
    queue,
  ])
  const { rows: [{ others }] } = await harness.db.query('select max(id) as others from supaqueue.job')
  const user = harnessOf(await database.connect('authenticated'))
  await user.db.query(`select set_config('request.jwt.claims', $1, false)`, [
    json({ role: 'authenticated', sub: (await harness.jobRow(own)).owner }),
  ])
  for (const door of byKey) {
    for (const job of [own, others, -1]) {
      await user.db.query('begin; savepoint s')
      await user.db.query(`select public.${door}($1)`, [job]).catch(() => user.db.query('rollback to s'))
      const { rows: read } = await user.db.query(
        `select relname, seq_scan, seq_tup_read + idx_tup_fetch as rows, n_tup_ins + n_tup_upd + n_tup_del as written
         from pg_stat_xact_user_tables where schemaname = 'supaqueue'`,
      )
      await user.db.query('commit')
      expect(read.map((table) => table.relname)).toContain('job')
      expect(read.filter((table) => Number(table.written) > 0 || Number(table.rows) > 20), `${door}(${job})`).toEqual(
        [],
      )
    }
  }
})
