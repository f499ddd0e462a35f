import type { Catalog, Column, Relation, Routine, TypeRef } from './catalog.ts'

/** The types as a module, in the form that supabase-js reads: `createClient<Database>()`. Not formatted. */
export const render = ({ relations, composites, routines, enums }: Catalog): string =>
  `${head}
export type Database = {
  public: {
    Tables: Record<never, never>
    Views: Record<never, never>
    Functions: {${functions(routines, 'public')}}
    Enums: Record<never, never>
    CompositeTypes: Record<never, never>
  }
  supaqueue: {
    Tables: {${relations.filter(({ isView }) => !isView).map(table).join('')}}
    Views: {${relations.filter(({ isView }) => isView).map(view).join('')}}
    Functions: {${functions(routines, 'supaqueue')}}
    Enums: {${enums.map(({ name, labels }) => `${key(name)}: ${labels.map(quote).join(' | ')}\n`).join('')}}
    CompositeTypes: {${composites.map(composite).join('')}}
  }
}
`

const head = `// Made by scripts/build/types.ts from the schema itself; a test says when it is stale.

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** The schema supaqueue, and what supaqueue has in public: \`createClient<Database>(url, key)\`. */`

const table = (relation: Relation) => `
  ${key(relation.name)}: {
    Row: {${relation.columns.map((column) => `${key(column.name)}: ${valueOf(column)}\n`).join('')}}
    Insert: {${relation.columns.map(inserted).join('')}}
    Update: {${relation.columns.map(updated).join('')}}
    Relationships: [${relation.foreignKeys.map(relationship).join(', ')}]
  }`

// PostgreSQL does not say which columns of a view are never null.
const view = (relation: Relation) => `
  ${key(relation.name)}: {
    Row: {${relation.columns.map(({ name, type }) => `${key(name)}: ${typeOf(type)} | null\n`).join('')}}
    Relationships: []
  }`

const composite = ({ name, columns }: Catalog['composites'][number]) => `
  ${key(name)}: {${columns.map((column) => `${key(column.name)}: ${typeOf(column.type)} | null\n`).join('')}}`

const inserted = (column: Column) =>
  column.isGenerated
    ? `${key(column.name)}?: never\n`
    : `${key(column.name)}${column.nullable || column.hasDefault ? '?' : ''}: ${valueOf(column)}\n`

const updated = (column: Column) => `${key(column.name)}?: ${column.isGenerated ? 'never' : valueOf(column)}\n`

const relationship = ({ name, columns, relation, referenced, unique }: Relation['foreignKeys'][number]) =>
  `{
  foreignKeyName: ${quote(name)}
  columns: [${columns.map(quote).join(', ')}]
  isOneToOne: ${unique}
  referencedRelation: ${quote(relation.replace(/^supaqueue\./, ''))}
  referencedColumns: [${referenced.map(quote).join(', ')}]
}`

function functions(routines: Routine[], schema: string): string {
  const named = new Map<string, string[]>()
  for (const one of routines.filter((routine) => routine.schema === schema)) {
    named.set(one.name, [...named.get(one.name) ?? [], signature(one)])
  }
  return [...named].map(([name, signatures]) => `\n${key(name)}: ${signatures.join(' | ')}`).join('')
}

function signature({ arguments: taken, returns }: Routine): string {
  const fields = taken.map(({ name, type, optional }) =>
    // What may be left out may be null as well: null is its default, or stands for it.
    `${key(name)}${optional ? '?' : ''}: ${typeOf(type)}${optional ? ' | null' : ''}\n`
  )
  return `{
    Args: ${taken.length > 0 ? `{${fields.join('')}}` : 'Record<never, never>'}
    Returns: ${returned(returns)}
  }`
}

function returned({ type, columns, isSet }: Routine['returns']): string {
  const one = columns.length > 1 || (columns.length === 1 && type.name === 'record')
    ? `{${columns.map((column) => `${key(column.name)}: ${typeOf(column.type)} | null\n`).join('')}}`
    : typeOf(type)
  return isSet ? `${one.startsWith('{') ? one : `(${one})`}[]` : one
}

const valueOf = ({ type, nullable }: Column) => `${typeOf(type)}${nullable ? ' | null' : ''}`

function typeOf({ schema, name, kind, isArray }: TypeRef): string {
  const one = kind === 'e'
    ? `Database['supaqueue']['Enums'][${quote(name)}]`
    : kind === 'c' && schema === 'supaqueue'
    ? `Database['supaqueue']['CompositeTypes'][${quote(name)}]`
    : byName[name] ?? 'string'
  return isArray ? `${one}[]` : one
}

// All others are text on their way: uuid, timestamps, intervals.
const byName: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  json: 'Json',
  jsonb: 'Json',
  void: 'undefined',
  record: 'Record<string, unknown>',
}

const quote = (text: string) => `'${text}'`
const key = (name: string) => /^[a-z_]\w*$/.test(name) ? name : quote(name)
