import { cleanJson } from './clean.ts'
import { LeaseLost, SupaqueueError } from './errors.ts'
import { chooseKey, isJwt } from './key.ts'
import { once } from './once.ts'
import { ELSEWHERE, isGone, UNREAD, usuallyPasses } from './passing.ts'
import type { Deps } from './deps.ts'

// Longer than the eight seconds that PostgREST allows a statement: what did not answer by then is no longer running.
const TIMEOUT_MS = 10_000

/**
 * Calls a function of schema supaqueue through the project's REST door, and returns what it answers. Throws `LeaseLost`
 * when the token is no longer valid, else a `SupaqueueError` with the code that the database gives, or SQ503.
 */
export async function rpc(deps: Deps, name: string, args: Record<string, unknown>): Promise<unknown> {
  const [url, key] = [deps.env('SUPABASE_URL'), chooseKey(deps.env)]
  if (!url || !key) {
    throw new SupaqueueError(
      'SQ500',
      `supaqueue.${name} cannot be called: ${url ? 'there is no secret key' : 'SUPABASE_URL is not set'}`,
      'The platform sets both for edge functions. Elsewhere, set SUPABASE_URL and SUPABASE_SECRET_KEY.',
    )
  }
  const { ok, status, text } = await post(deps, `${url.replace(/\/+$/, '')}/rest/v1/rpc/${name}`, key, args)
  const found = parse(text)
  if (ok) return found
  throw errorOf(name, status, found)
}

async function post(deps: Deps, url: string, key: string, args: Record<string, unknown>) {
  // Before anything is sent: what cannot be JSON is the caller's mistake, not the database's.
  const body = stringify(args)
  try {
    const response = await deps.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-profile': 'supaqueue',
        apikey: key,
        ...(isJwt(key) && { authorization: `Bearer ${key}` }),
      },
      body: once(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { ok: response.ok, status: response.status, text: await response.text() }
  } catch (reason) {
    throw new SupaqueueError(
      'SQ503',
      `the database did not answer: ${(reason as Error).message}`,
      'This usually passes: try again. Whether it was carried out is unknown.',
    )
  }
}

function stringify(args: Record<string, unknown>): string {
  try {
    // As the dispatcher cleans what it is answered.
    return cleanJson(JSON.stringify(args))
  } catch (reason) {
    throw new SupaqueueError(
      'SQ422',
      `a result or state cannot be JSON: ${(reason as Error).message}`,
      'Give plain objects, lists, texts and numbers.',
    )
  }
}

function errorOf(name: string, status: number, found: unknown): SupaqueueError {
  const { code, message, hint } = (found ?? {}) as Record<string, string | null | undefined>
  if (code === 'SQ404') return new LeaseLost(message ?? 'the lease is gone', hint ?? 'Stop working on this job.')
  if (code === 'PGRST202' || code === 'PGRST106' || isGone(code, message ?? '')) {
    return new SupaqueueError(
      code!,
      `the database does not offer supaqueue.${name}: ${message ?? ''}`,
      "Run supaqueue's installer again: it exposes the schema supaqueue, and brings what this version of the kit calls. " +
        "If it is there, have the Data API look again: notify pgrst, 'reload schema';",
    )
  }
  const passes = `This usually passes: try again.${code === 'PGRST002' ? ` ${UNREAD}` : ''}`
  return new SupaqueueError(
    code || 'SQ503',
    `supaqueue.${name} failed: ${message ?? `HTTP ${status}`}`,
    hint || (usuallyPasses(code) ? passes : ELSEWHERE),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON: the answer of a function that returns nothing, or an error page of something between.
    return undefined
  }
}
