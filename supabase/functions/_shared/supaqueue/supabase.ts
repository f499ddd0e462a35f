import type { Database } from './database_types.ts'
import { SupaqueueError } from './errors.ts'
import { ELSEWHERE, isGone, UNREAD, usuallyPasses } from './passing.ts'

/** A client of supabase-js, whatever types of the database it was made with. */
export type Supabase = {
  schema(name: never): unknown
  rpc(name: never, args?: never): unknown
}

/** What a client is asked in, of one schema. Nothing else of supabase-js is used. */
export type Rest<Schema extends keyof Database> = {
  rpc<Name extends FunctionOf<Schema>>(name: Name, args: Args<Schema, Name>): Query
  from(table: string & keyof Database[Schema]['Tables']): { select(columns: string): Query }
}

export type FunctionOf<Schema extends keyof Database> = string & keyof Database[Schema]['Functions']
type Signature<Schema extends keyof Database, Name> = Database[Schema]['Functions'][Name & FunctionOf<Schema>]
type Args<Schema extends keyof Database, Name> = Signature<Schema, Name> extends { Args: infer A } ? A : never
type Returns<Schema extends keyof Database, Name> = Signature<Schema, Name> extends { Returns: infer R } ? R : never

type Query = PromiseLike<Answer> & {
  eq(column: string, value: unknown): Query
  in(column: string, values: readonly unknown[]): Query
  abortSignal(signal: AbortSignal): Query
}

type Answer = {
  data: unknown
  error: { code?: string; message?: string; hint?: string | null } | null
  status: number
}

// Longer than the eight seconds that PostgREST allows a statement: what did not answer by then is no longer running.
const TIMEOUT_MS = 10_000

/** A way to call the functions of a schema, by the types that the database itself has. */
export function callerOf<Schema extends keyof Database>(supabase: Supabase, schema: Schema) {
  const rest = restOf(supabase, schema)
  return async <Name extends FunctionOf<Schema>>(name: Name, args: Args<Schema, Name>) =>
    await ask(rest.rpc(name, args), `${schema}.${name}`) as Returns<Schema, Name>
}

export const restOf = <Schema extends keyof Database>(supabase: Supabase, schema: Schema): Rest<Schema> =>
  supabase.schema(schema as never) as Rest<Schema>

/** What the database answers. Throws a `SupaqueueError` with its code, or `SQ503` where nothing of it was heard. */
export async function ask(query: Query, what: string): Promise<unknown> {
  const { data, error, status } = await query.abortSignal(AbortSignal.timeout(TIMEOUT_MS))
  if (!error) return data
  const { code, message, hint } = error
  if (status === 0 || (status >= 500 && usuallyPasses(code) && !code?.startsWith('SQ'))) {
    throw new SupaqueueError(
      'SQ503',
      `${what} was not answered: ${message || `HTTP ${status}`}`,
      `This usually passes: try again. Whether it was carried out is unknown; a dedupeKey keeps a job from being enqueued twice.${
        code === 'PGRST002' ? ` ${UNREAD}` : ''
      }`,
    )
  }
  if (code !== undefined && UNREADABLE.has(code)) {
    throw new SupaqueueError(
      'SQ422',
      `${what} cannot read what it was given: ${message}`,
      'Nothing was changed. Counts are whole numbers up to 2147483647; times lie before the year 10000.',
    )
  }
  // The gateway, which is before the database, has no codes.
  const known = code || `SQ${status}`
  throw new SupaqueueError(known, message ?? `${what} failed: HTTP ${status}`, hintOf(known, message, hint))
}

function hintOf(code: string, message: string | undefined, hint: string | null | undefined): string {
  // What PostgREST and PostgreSQL say of a name that is not there is a guess at one that is spelled alike.
  const install = isGone(code, message) ? INSTALL : installed[code]
  if (install || hint) return install || hint!
  return code === '42501' && !/permission|policy|^must /.test(message ?? '') ? ELSEWHERE : hints[code] ?? ELSEWHERE
}

/** What PostgreSQL says of an argument that is no value of its type: a text, a number, a time, an interval. */
const UNREADABLE = new Set(['22P02', '22003', '22007', '22008', '22009'])

const SIGN_IN = 'The key or the token of the client is not valid, or no longer: look at the key, or sign in again.'

const INSTALL =
  "Run supaqueue's installer again: it brings what this version of the client calls, and exposes it. If it is there, " +
  "have the Data API look again: notify pgrst, 'reload schema';"

const installed: Record<string, string> = {
  PGRST106: INSTALL,
  PGRST202: INSTALL,
  PGRST204: INSTALL,
  PGRST205: INSTALL,
}

const hints: Record<string, string> = {
  PGRST301: SIGN_IN,
  PGRST303: SIGN_IN,
  SQ401: SIGN_IN,
  '42501':
    'For openQueue the client needs a secret key. For openQueueAsUser the queue must be open to who is signed in: ' +
    'supaqueue.allow(queue, role).',
}

/** Whether to ask again makes sense. */
export const isPassing = (reason: unknown): boolean =>
  reason instanceof SupaqueueError && (reason.code === 'SQ503' || reason.code === 'SQ429')
