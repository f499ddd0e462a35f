import { addonFiles } from '../../scripts/cli/database/addons.ts'
import { functionFiles, isView, schemaOf } from '../../scripts/cli/database/files.ts'
import type { Harness } from './harness.ts'

const schemas = new Map(
  [...functionFiles(), ...addonFiles('api')].filter((file) => !isView(file)).map((
    { name, sql },
  ) => [name, schemaOf(sql)]),
)

/** Those that return their rows as an array. */
const arrays = new Set(['enqueue_many', 'pick', 'source_results'])

/** Runs a function of ours by its name, whatever its schema, with named arguments, and returns its rows. */
export async function rowsOf(harness: Harness, name: string, named: Record<string, unknown> = {}) {
  const names = Object.keys(named)
  const given = names.map((argument, i) => `${argument} => $${i + 1}`).join(', ')
  const call = `${schemas.get(name) ?? 'supaqueue'}.${name}(${given})`
  const { rows } = await harness.db.query(
    `select * from ${arrays.has(name) ? `unnest(${call})` : call}`,
    Object.values(named).map(asParameter),
  )
  return rows
}

/** The same for a function that returns one value. */
export async function ask(harness: Harness, name: string, named: Record<string, unknown> = {}) {
  const [row] = await rowsOf(harness, name, named)
  return row?.[name]
}

/** Objects are JSON, and arrays too, but for those of numbers, which are ids. */
const asParameter = (value: unknown) =>
  typeof value === 'object' && value !== null && !(Array.isArray(value) && typeof value[0] === 'number')
    ? JSON.stringify(value)
    : value
