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
import { type House, house as houseOf } from '../support/house.ts'

// Calls that a door refuses, one after another and many at once: each is charged before anything of it is looked at, so that the
// limit ends a flood of bad calls as it ends one of good ones.

type Bad = { what: string; status: number; code: string; body: fc.Arbitrary<string> }

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

const keys = await makeKeys()
const undo = makeUndo()
let database: TestDatabase
let house: House
const urls: Record<string, string> = {}

beforeAll(async () => {
  database = await testDatabase()
  undo.add(database.drop)
  house = houseOf(await database.connect('owner'))
  await house.db.query(`
    create function public.superstition() returns trigger language plpgsql as $$ begin
      if new.payload ->> 'n' = '13' then raise exception 'thirteen'; end if;
      if new.payload ->> 'n' = '14' then perform pg_cancel_backend(pg_backend_pid()), pg_sleep(60); end if;
      if new.payload ->> 'n' = '15' then perform pg_sleep(60); end if;
      return new;
    end $$;
    create trigger superstition before insert on supaqueue.job for each row execute function public.superstition()`)
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

async function send(kind: string, headers: Record<string, string>, queue: string, body: string) {
  const response = await fetch(`${urls[kind]}/rest/v1/rpc/supaqueue_enqueue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body.replace('{', `{"queue": "${queue}", `),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

async function open(role: string, door: Record<string, unknown>) {
  const name = `q-${randomUUID()}`
  const queue = await house.queue({ name })
  const schema = { properties: { n: { type: 'integer' } } }
  await allow(house, queue, { max_bytes: 2000, schema, ...door }, role)
  return { name, queue }
}
const jobsOf = async (queue: string) =>
  (await house.db.query('select from supaqueue.job where queue = $1', [queue])).rows.length

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
    test.each(bad)('ends a flood of $what', async ({ status, code, body }) => {
      const { name, queue } = await open(role, { per_minute: LIMIT })
      const headers = await headersOf()
      const answers = []
      for (const text of fc.sample(body, LIMIT + 3)) answers.push(await send(kind, headers, name, text))

      for (const answer of answers.slice(0, LIMIT)) {
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
      for (const answer of answers.slice(LIMIT)) expect(answer).toMatchObject({ status: 429, body: { code: 'SQ429' } })
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
})
