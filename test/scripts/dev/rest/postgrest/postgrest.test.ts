import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../../../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../../scripts/dev/keys.ts'
import { startRestLite } from '../../../../../scripts/dev/rest/lite.ts'
import type { Rest } from '../../../../../scripts/dev/rest/rest.ts'
import { startRestThin } from '../../../../../scripts/dev/rest/thin.ts'
import { type TestDatabase, testDatabase } from '../../../../support/database.ts'
import { readRecording, type Recorded } from './recording.ts'
import { type Answered, askAll } from './requests.ts'

const recording = readRecording()

const kinds: Record<string, (database: TestDatabase) => Promise<Rest>> = {
  lite: ({ ownerUrl, authenticatorUrl }) => startRestLite({ databaseUrl: ownerUrl, authenticatorUrl }),
  thin: ({ authenticatorUrl }) => startRestThin({ databaseUrl: authenticatorUrl }),
}

const whole = 'application/json; charset=utf-8 content-range=0-0/*'

/** What supaqueue itself answers otherwise than when PostgREST was recorded, through PostgREST as well. */
const changed: Record<string, Partial<Recorded>> = {
  // 1e400 is beyond what a double holds.
  'enqueue big numbers': {
    status: 400,
    headers: 'application/json; charset=utf-8',
    body: '{"code":"SQ422","message":""}',
  },
  // Ids would tell anon how much the project does.
  'door anon 0': { body: 'null' },
  'door anon 1': { body: 'null' },
  // A refusal that a use of the door was charged for is returned and not raised: the transaction is kept, and its rows are counted.
  ...Object.fromEntries(
    ['door u1 bad payload', 'door u1 null payload'].map((
      name,
    ) => [name, { headers: whole }]),
  ),
  // Three a minute, and all of them charged before.
  ...Object.fromEntries(
    ['door u1 too large', 'door u1 far run_at', 'door u1 rate 0', 'door u1 rate 1'].map((name) => [name, {
      status: 429,
      headers: 'application/json; charset=utf-8 retry-after=20',
      body: '{"code":"SQ429","message":""}',
    }]),
  ),
  // The rate is charged before the payload is looked at, and GET may not write.
  'door GET': {
    status: 405,
    body: '{"code":"25006","details":null,"hint":null,"message":"cannot execute INSERT in a read-only transaction"}',
  },
  // Nulls take the default.
  'insert mixed keys': {
    status: 201,
    headers: 'application/json; charset=utf-8 content-range=*/* preference-applied=return=representation',
    body: '[{}, {}]',
  },
  // Arrays in place of sets.
  ...Object.fromEntries(
    [
      'enqueue_many',
      'enqueue_many 2500',
      'enqueue_many []',
      'source_results of 2500',
      'pick 1200',
      'canary',
      'reprocess',
    ]
      .map((name) => [name, { headers: whole }]),
  ),
}

/** What PostgREST 14 answers otherwise than 12, seen with 14.17. */
const changedBy14: Record<string, Partial<Recorded>> = {
  'unknown schema': {
    body: '{"code":"PGRST106","details":null,"hint":"Only the following schemas are exposed: public, supaqueue",' +
      '"message":"Invalid schema: nope"}',
  },
  'turn Prefer params=single-object': {
    status: 404,
    headers: 'application/json; charset=utf-8',
    body: '{"code":"PGRST202","details":"Searched for the function public.supaqueue_turn without parameters or with ' +
      'a single unnamed json/jsonb parameter, but no matches were found in the schema cache.","hint":null,"message":' +
      '"Could not find the function public.supaqueue_turn without parameters in the schema cache"}',
  },
}

/** What the stand-in knowingly does not do; README.md of scripts/dev/rest names it. */
const withoutSuggestion = new Set(['unknown fn', 'end_current_job'])

test('the recording has 139 answers', () => {
  expect(recording).toHaveLength(139)
})

describe.each(Object.keys(kinds))('%s answers as PostgREST 12.2.12 did', (kind) => {
  const answers = new Map<string, Answered>()

  beforeAll(async () => {
    const database = await testDatabase()
    const keys = await makeKeys()
    const rest = await (kinds[kind] as (database: TestDatabase) => Promise<Rest>)(database)
    const gateway = await startGateway({ keyring: makeKeyring(keys) })
    gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
    afterAll(async () => {
      await gateway.stop()
      await rest.stop()
      await database.drop()
    })
    const owner = await database.connect('owner')
    for (const answer of await askAll({ apiUrl: gateway.url, keys, owner })) answers.set(answer.name, answer)
  })

  test.each(recording.map(({ name }, place) => [name, place] as const))('%s', (name, place) => {
    const recorded = { ...recording[place] as Recorded, ...changed[name], ...changedBy14[name] }
    const answered = answers.get(name)
    if (kind === 'thin' && !answered?.asked.includes('/rpc/')) {
      expect(answered?.status).toBe(405)
      return
    }
    expect({ status: answered?.status, headers: countless(answered?.headers ?? '') })
      .toEqual({ status: recorded.status, headers: countless(recorded.headers) })
    expect(shapeOf(answered?.body ?? '', recorded)).toEqual(shapeOf(recorded.body, recorded))
  })
})

/**
 * How many jobs there are in all depends on how often the recorded requests had been tried before; how much of the twenty
 * seconds is left, on how fast the machine is.
 */
const countless = (headers: string) =>
  headers.replace(/(content-range=0-0\/)\d+/, '$1N').replace(/(retry-after=)([1-9]|1\d|20)$/, '$1N')

/** What of a body is PostgREST's: errors but for the words of supaqueue's own, and how many rows there are. */
function shapeOf(body: string, { status, cut, name }: Recorded): unknown {
  const text = scrub(body)
  if (status >= 400) {
    const code = /"code":"(\w+)"/.exec(text)?.[1]
    if (code?.startsWith('SQ')) return code
    return withoutSuggestion.has(name)
      ? text.replace(/"hint":(null|"[^"]*"),.*$/, '')
      : text.replace(/contains \(.*/, '').slice(0, 200)
  }
  if (cut) return text.slice(0, 1)
  const value = text === '' ? undefined : JSON.parse(text)
  return Array.isArray(value) ? value.length : typeof value
}

const scrub = (text: string) =>
  text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>').replace(/\s+/g, ' ').trim()
