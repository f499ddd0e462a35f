import { describe, expect } from 'vitest'
import { z } from 'zod'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'

const faultOf = async (harness: Harness, schema: unknown) =>
  (await harness.db.query('select supaqueue_internal.schema_fault($1) as fault', [JSON.stringify(schema)])).rows[0]
    .fault

describe('schema_fault', () => {
  test.for([
    [true],
    [{}],
    [{
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'a',
      description: 'b',
      default: 1,
      readOnly: true,
    }],
    [{
      type: ['string', 'null'],
      enum: ['a', null],
      const: 'a',
      minLength: 1,
      maxLength: 2,
      pattern: '^a',
      format: 'uuid',
    }],
    [{ type: 'integer', minimum: -1, maximum: 1.5, exclusiveMinimum: 0, exclusiveMaximum: 9, multipleOf: 0.5 }],
    [{ type: 'array', items: { type: 'string' }, prefixItems: [true], minItems: 0, maxItems: 3, uniqueItems: true }],
    [{ properties: { a: true }, required: ['a'], additionalProperties: false, propertyNames: {}, maxProperties: 2 }],
    [{ allOf: [true], anyOf: [{ type: 'null' }], oneOf: [true], not: false }],
  ])('understands %j', async ([schema], { harness }) => {
    expect(await faultOf(harness, schema)).toBe(null)
  })

  test('understands what zod makes of its types', async ({ harness }) => {
    const schema = z.strictObject({
      to: z.email(),
      site: z.url().optional(),
      id: z.uuid(),
      at: z.iso.datetime(),
      day: z.iso.date(),
      n: z.int().min(1),
      price: z.number().nonnegative(),
      kind: z.enum(['a', 'b']),
      tags: z.array(z.string().max(20)).max(5).nullable(),
      pair: z.tuple([z.string(), z.number()]),
      map: z.record(z.string(), z.boolean()),
      shape: z.discriminatedUnion('is', [
        z.object({ is: z.literal('circle'), r: z.number() }),
        z.object({ is: z.literal('square'), a: z.number() }),
      ]),
      both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
    })

    expect(await faultOf(harness, z.toJSONSchema(schema))).toBe(null)
  })

  test.for([
    [17, 'schema is not a schema'],
    [{ $ref: '#/a' }, 'schema.$ref is not understood'],
    [{ patternProperties: {} }, 'schema.patternProperties is not understood'],
    [{ maxLenght: 3 }, 'schema.maxLenght is not understood'],
    [{ type: 'text' }, 'schema.type is null, boolean'],
    [{ type: [] }, 'schema.type is null, boolean'],
    [{ enum: 'a' }, 'schema.enum is an array'],
    [{ minimum: '1' }, 'schema.minimum is a number'],
    [{ multipleOf: 0 }, 'schema.multipleOf is above 0'],
    [{ maxLength: -1 }, 'schema.maxLength is a count'],
    [{ maxLength: 1.5 }, 'schema.maxLength is a count'],
    [{ maxItems: 1e30 }, 'schema.maxItems is a count'],
    [{ uniqueItems: 'yes' }, 'schema.uniqueItems is true or false'],
    [{ pattern: 5 }, 'schema.pattern is a text'],
    [{ pattern: '(' }, 'schema.pattern is not a regular expression of PostgreSQL'],
    [{ format: 'hostname' }, 'schema.format is date-time'],
    [{ required: 'a' }, 'schema.required is an array of names'],
    [{ required: [1] }, 'schema.required is an array of names'],
    [{ anyOf: [] }, 'schema.anyOf is an array of schemas'],
    [{ properties: [] }, 'schema.properties is an object of schemas'],
    [{ properties: { a: { items: { $ref: '#' } } } }, 'schema.properties.a.items.$ref is not understood'],
    [{ oneOf: [true, { not: { nope: 1 } }] }, 'schema.oneOf[1].not.nope is not understood'],
    [{ items: [true] }, 'schema.items is not a schema'],
    [{ additionalProperties: 1 }, 'schema.additionalProperties is not a schema'],
  ])('says where %j is not understood', async ([schema, words], { harness }) => {
    expect(await faultOf(harness, schema)).toContain(words)
  })

  test('refuses a schema that is too deep or too long', async ({ harness }) => {
    const deep = Array.from({ length: 21 }).reduce<object>((inner) => ({ items: inner }), {})

    expect(await ask(harness, 'schema_fault', { schema: deep })).toContain('20 levels')
    expect(await ask(harness, 'schema_fault', { schema: { title: 'x'.repeat(65536) } })).toContain('65536 bytes')
  })
})
