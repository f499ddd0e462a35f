import { isJwt } from '../../_shared/supaqueue/key.ts'
import { once } from '../../_shared/supaqueue/once.ts'
import { type Ask, isNoFunction, noFunction, refused, TURN_TIMEOUT_MS, turnError } from './transport.ts'

// Of a page that something between us and the database answers with, this much is enough to know it by.
const MOST_LETTERS = 300

type Deps = { supabaseUrl: string; key: string; fetch: typeof fetch; timeoutMs?: number }

/** Takes turns through the project's Data API. */
export function rpc({ supabaseUrl, key, fetch, timeoutMs = TURN_TIMEOUT_MS }: Deps): Ask {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-profile': 'public',
    apikey: key,
    ...(isJwt(key) && { authorization: `Bearer ${key}` }),
  }

  return async (request) => {
    const { ok, status, body } = await post(JSON.stringify({ request }))
    const data = parse(body)
    if (!ok) throw errorOf(status, body, data)
    if (data === undefined) throw turnError({ message: `the answer is not JSON: ${body.slice(0, MOST_LETTERS)}` })
    return data
  }

  async function post(body: string): Promise<{ ok: boolean; status: number; body: string }> {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const url = `${supabaseUrl}/rest/v1/rpc/supaqueue_turn`
      const response = await fetch(url, { method: 'POST', headers, body: once(body), signal })
      return { ok: response.ok, status: response.status, body: await response.text() }
    } catch (reason) {
      throw turnError({ message: String(reason) })
    }
  }
}

function errorOf(status: number, body: string, data: unknown) {
  const { code, message, hint } = Object(data) as Record<string, string | null | undefined>
  const cause = message || body.slice(0, MOST_LETTERS) || `HTTP ${status}`
  if (isNoFunction(code ?? undefined, cause)) {
    return noFunction(
      "Run the installer again. If it is there, reload the REST door's schema: notify pgrst, 'reload schema';",
    )
  }
  if (status === 401 || status === 403) {
    return refused(
      `SQ${status}`,
      cause,
      'The key in SUPABASE_SECRET_KEYS or SUPABASE_SERVICE_ROLE_KEY must be valid and belong to service_role. ' +
        'If it is, a trigger or the function that db_pre_request names refuses the turn.',
    )
  }
  return turnError({ code: code ?? undefined, message: cause, hint: hint ?? undefined })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
