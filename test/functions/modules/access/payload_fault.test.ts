import { describe, expect } from 'vitest'
import { z } from 'zod'
import { type Harness, test } from '../../../support/harness.ts'

const faultOf = async (harness: Harness, schema: unknown, payload: unknown): Promise<string | null> => {
  const { rows } = await harness.db.query('select supaqueue_internal.payload_fault($1, $2) as fault', [
    JSON.stringify(schema),
    JSON.stringify(payload),
  ])
  return rows[0].fault
}

/** Schema, what fits, what does not, and what is said of that. */
const cases: [schema: unknown, good: unknown[], bad: [payload: unknown, words: string][]][] = [
  [true, [null, 1, {}], []],
  [false, [], [[1, 'payload is not wanted']]],
  [{ type: 'string' }, ['', 'a'], [[1, 'payload is number, not string'], [null, 'is null']]],
  [{ type: 'integer' }, [1, -3, 2.0, 1e3], [[1.5, 'is number, not integer'], ['1', 'is string']]],
  [{ type: 'number' }, [1, 1.5], [[true, 'is boolean, not number']]],
  [{ type: ['object', 'null'] }, [{}, null], [[[], 'is array, not object, null']]],
  [{ const: { a: [1] } }, [{ a: [1] }], [[{ a: [1, 2] }, 'is not the one value']]],
  [{ enum: ['a', 1, null] }, ['a', 1, null], [['b', 'is none of the values']]],
  [{ minLength: 2, maxLength: 3 }, ['ab', 'äöü', '🎉🎉', 7], [['a', 'is shorter than 2'], [
    'abcd',
    'is longer than 3',
  ]]],
  [{ pattern: 'b+' }, ['abc', 4], [['ac', 'does not match']]],
  [{ format: 'uuid' }, ['7e1b9d4e-0000-4000-8000-00000000000a'], [['7e1b', 'is no uuid']]],
  [{ format: 'date-time' }, ['2026-11-22T10:00:00Z', '2026-11-22T10:00:00.5+01:00'], [[
    '2026-11-22',
    'is no date-time',
  ]]],
  [{ format: 'date' }, ['2026-11-22'], [['2026-13-01', 'is no date']]],
  [{ format: 'email' }, ['a@b.c'], [['a b@c', 'is no email']]],
  [{ format: 'uri' }, ['https://a.example/x'], [['a.example', 'is no uri']]],
  [{ minimum: 1, maximum: 3 }, [1, 3, 'x'], [[0.9, 'is less than 1'], [3.1, 'is more than 3']]],
  [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [[1, 'is not more than 1'], [3, 'is not less than 3']]],
  [{ multipleOf: 0.1 }, [0.3, 7], [[0.35, 'is not a multiple of 0.1']]],
  [{ minItems: 1, maxItems: 2, uniqueItems: true }, [[1], [1, '1']], [
    [[], 'has fewer than 1'],
    [[1, 2, 3], 'has more than 2'],
    [[{ a: 1 }, { a: 1 }], 'has an item twice'],
  ]],
  [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [[{}, 'has fewer than 1'], [{ a: 1, b: 2 }, 'has more than 1']]],
  [{ required: ['a', 'b'] }, [{ a: null, b: 1 }, 5], [[{ a: 1 }, 'payload has no b']]],
  [{ properties: { a: { type: 'string' } } }, [{}, { a: '' }, { b: 1 }], [[{ a: 1 }, 'payload.a is number']]],
  [{ properties: { a: true }, additionalProperties: false }, [{ a: 1 }], [[{ a: 1, b: 2 }, 'payload.b is not wanted']]],
  [{ additionalProperties: { type: 'null' } }, [{ x: null }], [[{ x: 1 }, 'payload.x is number']]],
  [{ propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [[{ abc: 1 }, 'payload: the name abc is longer than 2']]],
  [{ items: { type: 'array', items: { type: 'integer' } } }, [[[1], []]], [[
    [[1], [2, 'x']],
    'payload[1][1] is string',
  ]]],
  [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, [['a', 1], []], [
    [[1], 'payload[0] is number'],
    [['a', 'b'], 'payload[1] is string'],
  ]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2], [[3, 'is more than 2']]],
  [{ anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['a', 6], [[4, 'is none of what it may be']]],
  [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [[2, 'is not just one of'], [2.5, 'is not just one of']]],
  [{ not: { type: 'string' } }, [1], [['a', 'is what it may not be']]],
]

describe('payload_fault', () => {
  test.for(cases)('holds payloads to %j', async ([schema, good, bad], { harness }) => {
    for (const payload of good) expect(await faultOf(harness, schema, payload), JSON.stringify(payload)).toBe(null)
    for (const [payload, words] of bad) expect(await faultOf(harness, schema, payload)).toContain(words)
  })

  test('agrees with zod about a schema that zod made', async ({ harness }) => {
    const schema = z.strictObject({
      to: z.email(),
      n: z.int().min(1),
      tags: z.array(z.string().max(3)).max(2).optional(),
      shape: z.discriminatedUnion('is', [
        z.strictObject({ is: z.literal('circle'), r: z.number() }),
        z.strictObject({ is: z.literal('square'), a: z.number() }),
      ]).nullable(),
    })
    const fits = { to: 'a@example.com', n: 1, shape: null }
    const payloads = [
      fits,
      { ...fits, tags: ['abc'] },
      { ...fits, shape: { is: 'circle', r: 1 } },
      { ...fits, shape: { is: 'circle', a: 1 } },
      { ...fits, shape: { is: 'oval' } },
      { ...fits, tags: ['abcd'] },
      { ...fits, tags: ['a', 'b', 'c'] },
      { ...fits, to: 'a..b@example.com' },
      { ...fits, to: 'nobody' },
      { ...fits, n: 0 },
      { ...fits, n: 1.5 },
      { ...fits, more: 1 },
      { to: fits.to, n: 1 },
      [],
      null,
    ]

    const json = z.toJSONSchema(schema)
    for (const payload of payloads) {
      expect(await faultOf(harness, json, payload) === null, JSON.stringify(payload)).toBe(
        schema.safeParse(payload).success,
      )
    }
  })
})
