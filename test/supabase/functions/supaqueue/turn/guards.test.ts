import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAnswer, readClock } from '../../../../../supabase/functions/supaqueue/turn/read.ts'
import { clockAnswer, turnAnswer } from './schema.ts'

// What the dispatcher checks by hand is what the schemas say: of answers that are right, nearly right, and anything else.

const nothing = [undefined, null]
const orNothing = <T>(some: fc.Arbitrary<T>) => fc.oneof(some, fc.constantFrom(...nothing))
const names = orNothing(fc.array(fc.string(), { maxLength: 3 }))
const count = orNothing(fc.nat())
const record = orNothing(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }))

const queue = fc.record({
  id: fc.uuid(),
  name: fc.string(),
  edge_function_name: orNothing(fc.string()),
  url: orNothing(fc.webUrl()),
  method: orNothing(fc.string()),
  allowed_hosts: names,
  signing_secrets: names,
  result_max_bytes: count,
  redact: names,
  heeds: names,
  opens: names,
  default_headers: record,
  max_attempts: count,
  timeout_ms: orNothing(fc.integer({ min: 1 })),
  of_a_newer_database: fc.anything(),
})

const claim = fc.record({
  current_job: fc.record({ id: fc.uuid() }),
  job: fc.record({
    id: fc.oneof(fc.maxSafeInteger(), fc.string()),
    payload: fc.string(),
    attempts: fc.nat(),
    url: orNothing(fc.webUrl()),
    method: orNothing(fc.string()),
    headers: record,
    query: record,
    timeout_ms: orNothing(fc.integer({ min: 1 })),
    max_attempts: count,
    version: count,
    state: orNothing(fc.json()),
  }),
})

const answer = fc.record({
  now_ms: fc.double({ noNaN: true, noDefaultInfinity: true }),
  queue: orNothing(queue),
  secrets: orNothing(fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })),
  jobs: orNothing(fc.array(claim, { maxLength: 3 })),
  again: orNothing(fc.array(fc.uuid(), { maxLength: 3 })),
  stale: orNothing(fc.array(fc.uuid(), { maxLength: 3 })),
  state: fc.constantFrom('awake', 'leave', 'asleep'),
  leader: fc.boolean(),
  wait_ms: orNothing(fc.nat()),
  settings: orNothing(fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })),
})

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'asleep',
    0,
    -1,
    0.5,
    2 ** 53,
    true,
    [],
    {},
    ['x'],
    [7],
    { id: 'x' },
    'x'.repeat(36),
  ),
  fc.anything({ maxDepth: 2 }),
)

/** A place within a value: the names on the way there, chosen by numbers. */
function spoil(value: unknown, way: number[], by: unknown): unknown {
  const [step, ...rest] = way
  if (step === undefined || typeof value !== 'object' || value === null) return by
  const keys = Object.keys(value)
  if (keys.length === 0) return by
  const key = keys[step % keys.length]!
  const copy = Array.isArray(value) ? [...value] : { ...value }
  ;(copy as Record<string, unknown>)[key] = spoil((value as Record<string, unknown>)[key], rest, by)
  return copy
}

/** As it would have come: JSON. */
const asJson = (value: unknown): unknown => {
  try {
    return JSON.parse(JSON.stringify(value, (_, inner) => typeof inner === 'bigint' ? Number(inner) : inner) ?? 'null')
  } catch {
    return null
  }
}

const answers = fc.oneof(
  answer,
  fc.tuple(answer, fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 5 }), odd)
    .map(([good, way, by]) => spoil(good, way, by)),
  fc.anything(),
).map(asJson)

describe('an answer is read', () => {
  test('when the schema takes it, and as the schema gives it', () => {
    let taken = 0
    let refused = 0
    fc.assert(
      fc.property(answers, (data) => {
        const schema = turnAnswer.safeParse(data)
        const read = readAnswer(data)
        if (schema.success) taken++
        else refused++
        expect(typeof read === 'string' ? read : 'read').toSatisfy((said) => (said === 'read') === schema.success)
        if (typeof read !== 'string') expect(turnAnswer.parse(read)).toEqual(schema.data)
      }),
      { numRuns: 3000 },
    )
    // Of both there must have been many, or nothing was compared.
    expect(Math.min(taken, refused)).toBeGreaterThan(300)
  })

  test('and what comes of it has all that the schema fills in', () => {
    const claim = { current_job: { id: crypto.randomUUID() }, job: { id: 1, payload: '{}', attempts: 1 } }
    const queue = { id: crypto.randomUUID(), name: 'mail' }
    const data = { now_ms: 1, queue, jobs: [claim], state: 'awake', leader: true }

    expect(readAnswer(data)).toEqual(turnAnswer.parse(data))
    expect(readAnswer({ now_ms: 1, state: 'leave', leader: false }))
      .toMatchObject({ jobs: [], again: [], stale: [] })
  })

  test.each([
    [{ now_ms: 1, state: 'dancing', leader: true }, 'state must be one of awake, leave, asleep'],
    [{ now_ms: 1, state: 'awake', leader: true, again: ['secret'] }, 'again 0 must be a uuid'],
    [
      {
        now_ms: 1,
        state: 'awake',
        leader: true,
        jobs: [{ current_job: { id: crypto.randomUUID() }, job: { id: 1, payload: { of: 'somebody' } } }],
      },
      'jobs 0 job payload must be a text',
    ],
    [[], 'must be an object'],
  ])('or refused with place and rule, never with a value: %j', (data, said) => {
    expect(readAnswer(data)).toBe(said)
  })
})

test('the clock is read when the schema takes it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.record({ now_ms: fc.oneof(fc.double(), odd) }), fc.anything()).map(asJson), (data) => {
      expect(typeof readClock(data) !== 'string').toBe(clockAnswer.safeParse(data).success)
    }),
  )
})
