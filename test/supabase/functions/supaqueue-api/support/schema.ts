/** A schema of an OpenAPI 3.1 document, as far as ours uses it. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  not?: { required: string[] }
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
  format?: string
  example?: unknown
  description?: string
}

export type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> }
}

export type Operation = {
  operationId: string
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, { $ref?: string } & Partial<Response>>
}

type Response = { description: string; content: Record<string, { schema: Schema }> }

/** What a reference in the document leads to; the thing itself when it is none. */
export function resolve<Thing extends { $ref?: string }>(document: Document, thing: Thing): Thing {
  if (!thing.$ref) return thing
  const path = thing.$ref.replace(/^#\//, '').split('/')
  // deno-lint-ignore no-explicit-any
  const found = path.reduce((place: any, name) => place?.[name], document)
  if (!found) throw new Error(`the document has no ${thing.$ref}`)
  return resolve(document, found)
}

/** One schema for all that `allOf` names. */
export function whole(document: Document, given: Schema): Schema {
  const { allOf, ...schema } = resolve(document, given)
  return (allOf ?? []).map((part) => whole(document, part)).reduce((sum, part) => ({
    ...sum,
    ...part,
    properties: { ...sum.properties, ...part.properties },
    required: [...sum.required ?? [], ...part.required ?? []],
  }), schema)
}

/**
 * Where a value is not as the schema says; empty when it is. Stricter than JSON Schema: properties that are not named
 * must be allowed for.
 */
export function deviations(document: Document, given: Schema, value: unknown, path = ''): string[] {
  const schema = whole(document, given)
  const wrong = (what: string) => [`${path || '/'} ${what}: ${JSON.stringify(value)?.slice(0, 200)}`]

  if (schema.anyOf && !schema.anyOf.some((one) => deviations(document, one, value).length === 0)) {
    return wrong('is none of those')
  }
  const types = schema.type === undefined ? undefined : [schema.type].flat()
  if (types && !types.some((type) => isOfType(type, value))) return wrong(`is no ${types.join(' or ')}`)
  if (value === null) return []
  if (schema.enum && !schema.enum.includes(value)) return wrong(`is none of ${schema.enum.join(', ')}`)
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity)) return wrong('is out of bounds')
    if (value <= (schema.exclusiveMinimum ?? -Infinity)) return wrong('is out of bounds')
  }
  if (typeof value === 'string') {
    const length = [...value].length
    if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) {
      return wrong('is of another length')
    }
    const pattern = schema.pattern ?? patterns[schema.format ?? '']
    if (pattern && !new RegExp(pattern).test(value)) return wrong(`is no ${schema.format ?? pattern}`)
  }
  if (Array.isArray(value)) {
    return value.flatMap((entry, i) => schema.items ? deviations(document, schema.items, entry, `${path}/${i}`) : [])
  }
  if (typeof value !== 'object' || schema.type === undefined) return []

  const { properties = {}, required = [], additionalProperties: others } = schema
  const missing = required.filter((name) => !(name in value)).map((name) => `${path}/${name} is missing`)
  return missing.concat(
    Object.entries(value).flatMap(([name, entry]) => {
      const place = `${path}/${name}`
      if (properties[name]) return deviations(document, properties[name], entry, place)
      if (typeof others === 'object') return deviations(document, others, entry, place)
      return others === true ? [] : [`${place} is not in the document`]
    }),
  )
}

const patterns: Record<string, string> = {
  uuid: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  'date-time': '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$',
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  const kind: string = typeof value
  return kind === type
}
