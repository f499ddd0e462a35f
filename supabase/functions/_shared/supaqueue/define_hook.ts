import { handle, type Options } from './handle.ts'
import type { Job } from './job.ts'
import type { SafeParser } from './schema.ts'

/** A change of a row, as a hook of `supaqueue.on_change` sends it, and Database Webhooks do. `Row` is the type of a row. */
export type Change<Row> =
  & { readonly table: string; readonly schema: string }
  & (
    | { readonly type: 'INSERT'; readonly record: Row; readonly old_record: null }
    /** With `payload => 'changes'`, the old record has only what changed. */
    | { readonly type: 'UPDATE'; readonly record: Row; readonly old_record: Partial<Row> }
    | { readonly type: 'DELETE'; readonly record: null; readonly old_record: Row }
    | { readonly type: 'TRUNCATE'; readonly record: null; readonly old_record: null }
  )

/** Does the job of a change. What it returns is the job's result, unless it was made by a function of `job`. */
export type HookHandler<Row> = (change: Change<Row>, job: Job) => unknown

/**
 * Makes a handler of row changes, to be given to `Deno.serve`: `handle` with the schema of a change. `Row` is the type that
 * `supabase gen types` made of the table, `Tables<'photos'>`. What is no change kills the job, with the reason; that a row has the
 * columns of its type is believed. Of a row that is larger than its queue takes, only the keys come: `job.hook?.payload` is then `keys`.
 */
export function defineHook<Row>(
  handler: HookHandler<Row>,
  options?: Options,
): (request: Request) => Promise<Response> {
  return handle(changeOf<Row>(), handler as HookHandler<unknown>, options)
}

const SIDES: Record<string, { record: boolean; old_record: boolean }> = {
  INSERT: { record: true, old_record: false },
  UPDATE: { record: true, old_record: true },
  DELETE: { record: false, old_record: true },
  TRUNCATE: { record: false, old_record: false },
}

const changeOf = <Row>(): SafeParser<Change<Row>> => ({
  safeParse(value) {
    const issues = faultsIn(value)
    return issues.length === 0 ? { success: true, data: value as Change<Row> } : { success: false, error: { issues } }
  },
})

function faultsIn(value: unknown): { message: string; path?: string[] }[] {
  if (!isRow(value)) return [{ message: 'expected a change of a row, as supaqueue.on_change sends it' }]
  const sides = typeof value.type === 'string' ? SIDES[value.type] : undefined
  if (!sides) return [{ message: 'expected INSERT, UPDATE, DELETE or TRUNCATE', path: ['type'] }]
  const texts = ['table', 'schema'].filter((name) => typeof value[name] !== 'string')
    .map((name) => ({ message: 'expected a text', path: [name] }))
  // What not even its keys fit into a job of, comes without any row.
  const rows = (['record', 'old_record'] as const)
    .filter((side) => value[side] !== null && !(sides[side] && isRow(value[side])))
    .map((side) => ({ message: sides[side] ? 'expected a row' : `expected null of ${value.type}`, path: [side] }))
  return [...texts, ...rows]
}

const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
