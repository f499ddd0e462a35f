import { z } from 'zod'
import { isOneOf, sha256Hex } from './hash.ts'
import { SupaqueueError } from '../_shared/supaqueue/errors.ts'

/** What a key may be used for. */
export const scopes = ['enqueue', 'read', 'control', 'metrics'] as const
export type Scope = (typeof scopes)[number]

/**
 * Who calls: the id and the name of an API key, or '' for whoever has the project's own key. What is remembered of a caller
 * is remembered by the id: a name may be given again, to somebody else.
 */
export type Caller = { id: string; name: string; may(scope: Scope): boolean }

/** Whose key has this hash (SHA-256, hexadecimal), what it may do, and for how many milliseconds it comes too early. */
export type UseApiKey = (hash: string) => Promise<z.output<typeof usedKey> | null>

export const usedKey = z.object({ id: z.guid(), name: z.string(), scopes: z.array(z.string()), wait_ms: z.number() })

// As create_api_key makes them. Whatever else is tried costs the database nothing.
const API_KEY = /^sqk_[0-9a-f]{64}$/

/** Says who calls. Throws a `SupaqueueError`: 401 without a key that counts, 429 when a key comes too often. */
export async function whoCalls(request: Request, keys: string[], useApiKey: UseApiKey): Promise<Caller> {
  const given = keysOf(request)
  for (const key of given) {
    if (await isOneOf(key, keys)) return { id: '', name: '', may: () => true }
  }
  // The platform may want a key of its own beside ours.
  const ours = given.find((key) => API_KEY.test(key))
  const known = ours ? await useApiKey(await sha256Hex(ours)) : null
  if (!known) throw unauthorized(given.length > 0)
  if (known.wait_ms > 0) throw tooMany(known.name, known.wait_ms)
  return { id: known.id, name: known.name, may: (scope) => known.scopes.includes(scope) }
}

/** Throws a 403 unless the caller's key has the scope. */
export function expectScope(caller: Caller, scope: Scope): void {
  if (caller.may(scope)) return
  throw new SupaqueueError(
    'SQ403',
    `the API key ${caller.name} does not have the scope ${scope}`,
    `Use a key that has it: select supaqueue.create_api_key('<name>', '{${scope}}');`,
  )
}

function keysOf({ headers }: Request): string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')
    ?.[1]
  return [bearer, headers.get('apikey')].filter((key) => typeof key === 'string').filter((key) => key !== '')
}

const unauthorized = (given: boolean) =>
  new SupaqueueError(
    'SQ401',
    given ? 'this key is not known here' : 'there is no key in the request',
    "Send `Authorization: Bearer <key>` with the project's secret key, or with one from select supaqueue.create_api_key('<name>', '{enqueue,read}');",
    { headers: { 'www-authenticate': 'Bearer' } },
  )

function tooMany(name: string, waitMs: number): SupaqueueError {
  const seconds = Math.ceil(waitMs / 1000)
  return new SupaqueueError(
    'SQ429',
    `the API key ${name} makes more requests than its max_rps allows`,
    `Try again in ${seconds} s, or give it a higher max_rps.`,
    { headers: { 'retry-after': String(seconds) } },
  )
}
