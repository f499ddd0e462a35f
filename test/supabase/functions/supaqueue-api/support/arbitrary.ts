import fc from 'fast-check'
import { type Document, type Operation, type Schema, whole } from './schema.ts'

/** A request as the fuzz sends it; a body is JSON, or what is none. */
export type Fuzzed = {
  path: string
  method: string
  headers: Record<string, string>
  body: string | undefined
}

/** Values that are there, by the name of the parameter or field that means them. */
export type Known = (name: string) => unknown[]

const awkward = fc.constantFrom<unknown>(
  null,
  '',
  '\0',
  '\ud800',
  'ä€😀',
  "'; drop table supaqueue.job; --",
  '../..',
  -1,
  0,
  1e308,
  2 ** 53,
  2 ** 31,
  0.1,
  true,
  [],
  {},
  [[[[]]]],
  { $ref: '#' },
  'infinity',
  'x'.repeat(300),
)

/** Requests for an operation: mostly as the document says, with things that are there; the others awkward. */
export function requests(
  document: Document,
  path: string,
  method: string,
  operation: Operation,
  known: Known,
): fc.Arbitrary<Fuzzed> {
  const parameters = Object.fromEntries((operation.parameters ?? []).map((parameter) => {
    const value = named(document, parameter.name, parameter.schema, known).map(inUrl)
    return [`${parameter.in}.${parameter.name}`, parameter.required ? value : fc.option(value, { nil: undefined })]
  }))
  const schema = operation.requestBody?.content['application/json']?.schema
  const body = schema
    ? fc.oneof(
      { weight: 20, arbitrary: valueOf(document, schema, known).map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '"x"', '1e999999', '{"a":1e999999}', '\ufeff{}') },
      { weight: 1, arbitrary: fc.json() },
    )
    : fc.constant(undefined)

  return fc.record({ parameters: fc.record(parameters), body }).map(({ parameters, body }) => {
    const given = (place: string) =>
      Object.entries(parameters).filter(([name, value]) => name.startsWith(`${place}.`) && value !== undefined)
        .map(([name, value]) => [name.slice(place.length + 1), value as string] as const)
    const filled = given('path').reduce((sum, [name, value]) => sum.replace(`{${name}}`, segment(value)), path)
    const query = given('query').map(([name, value]) => `${name}=${encode(value)}`).join('&')
    const headers = given('header').map(([name, value]) => [name, value.replace(/[^ -~]/g, '?')])
    return { path: query ? `${filled}?${query}` : filled, method, headers: Object.fromEntries(headers), body }
  })
}

const inUrl = (value: unknown): string => typeof value === 'string' ? value : JSON.stringify(value) ?? ''
// By the rules of URLs '', '.' and '..' are no segments: with them it would be another path.
const segment = (text: string): string => ['', '.', '..'].includes(text) ? '%20' : encode(text)
const encode = (text: string): string => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '?'))

function named(document: Document, name: string, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const there = known(name)
  const made = valueOf(document, schema, known)
  const good = there.length > 0 ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...there) }, made) : made
  return fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: awkward })
}

function valueOf(document: Document, given: Schema, known: Known): fc.Arbitrary<unknown> {
  const schema = whole(document, given)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const [type] = [schema.type].flat()
  // Before the required sets of an object, which are listed under anyOf, too.
  if (schema.anyOf && type === undefined) return fc.oneof(...schema.anyOf.map((one) => valueOf(document, one, known)))
  const nullable = [schema.type].flat().includes('null')
  const made = ofType(document, schema, type, known)
  return nullable ? fc.option(made, { nil: null }) : made
}

function ofType(document: Document, schema: Schema, type: string | undefined, known: Known): fc.Arbitrary<unknown> {
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer') {
    const [min, max] = [schema.minimum ?? -100, Math.min(schema.maximum ?? 100, Number.MAX_SAFE_INTEGER)]
    return fc.oneof(
      fc.integer({ min, max: Math.min(max, min + 20) }),
      fc.maxSafeInteger().map((n) => clamp(n, min, max)),
    )
  }
  if (type === 'number') return fc.oneof(fc.double({ min: 0.001, max: 100, noNaN: true }), fc.double({ noNaN: true }))
  if (type === 'string') return texts(schema)
  if (type === 'array') {
    return fc.array(valueOf(document, schema.items ?? {}, known), { minLength: schema.minItems ?? 0, maxLength: 4 })
  }
  if (type === 'object') return objects(document, schema, known)
  return fc.oneof({ weight: 3, arbitrary: fc.jsonValue() }, { weight: 1, arbitrary: awkward })
}

function objects(document: Document, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties: others, not } = schema
  const fields = fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, named(document, name, property, known)]),
    ),
    { requiredKeys: required },
  )
  if (typeof others === 'object') {
    return fc.dictionary(fc.constantFrom('x-a', 'X-B', 'Host', 'bad name', ''), valueOf(document, others, known), {
      maxKeys: 3,
    })
  }
  // Now and then one is missing, or one too many.
  return fc.tuple(fields, fc.nat(60), fc.constantFrom(...Object.keys(properties), 'more')).map(
    ([value, dice, name]) => {
      if (dice === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
      if (dice === 1) return { ...value, surprising: name }
      const extra = not?.required.every((name) => name in value) && dice > 10 ? not.required[dice % 2] : undefined
      return Object.fromEntries(Object.entries(value).filter(([key]) => key !== extra))
    },
  )
}

function texts(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'uuid') return fc.uuid()
  if (schema.format === 'uri') {
    return fc.oneof(
      fc.constantFrom('https://api.example.com/v1', 'http://[::1]:80/x?y=z', 'https://u:p@example.com/'),
      fc.webUrl(),
    )
  }
  if (schema.format === 'date-time') {
    return fc.date({ min: new Date('1900-01-01'), max: new Date('2999-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
  }
  const maxLength = Math.min(schema.maxLength ?? 20, 20)
  return fc.string({ minLength: Math.min(schema.minLength ?? 0, maxLength), maxLength, unit: 'grapheme' })
}

const clamp = (number: number, least: number, most: number): number => Math.max(least, Math.min(most, number))
