import { KillError } from './errors.ts'
import { fromBase64 } from './signature.ts'

/** What a call brings: the payload, and what the last slice handed on, null in a first call. Not validated yet. */
export type Brought = { payload: unknown; state: unknown }

/**
 * Reads a call by its method: GET brings the payload's fields in the query, as texts, and so does a DELETE without a body;
 * the others bring it in the body. A body that says it is neither JSON nor text is given as bytes. Throws a `KillError` for
 * broken JSON.
 */
export function readCall(request: Request, body: Uint8Array): Brought {
  const continued = request.headers.get('supaqueue-slice') === 'continued'
  if (request.method === 'GET' || request.method === 'DELETE' && body.length === 0) {
    const state = request.headers.get('supaqueue-state')
    return {
      payload: Object.fromEntries(new URL(request.url).searchParams),
      state: continued && state !== null ? parse(state) : null,
    }
  }
  if (!continued) return { payload: readBody(request.headers.get('content-type') ?? '', body), state: null }
  const { payload = null, state = null } = (parseBytes(body) ?? {}) as Partial<Brought>
  return { payload: bytesIn(payload) ?? payload, state }
}

function readBody(type: string, body: Uint8Array): unknown {
  if (type === '' || /\bjson\b/i.test(type)) return parseBytes(body)
  return /^text\//i.test(type) ? new TextDecoder().decode(body) : body
}

/** The JSON that a body holds; null for an empty one. Throws a `KillError` for broken JSON. */
export const parseBytes = (body: Uint8Array): unknown =>
  body.length === 0 ? null : parse(new TextDecoder().decode(body))

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // Without the parser's own words: they quote what they found.
    throw new KillError('what the call brings is not JSON')
  }
}

// Between slices and in lists the payload travels as JSON, bytes in the form in which the job has them.
export function bytesIn(payload: unknown): Uint8Array | undefined {
  const { $base64, ...more } = (payload ?? {}) as Record<string, unknown>
  return typeof $base64 === 'string' && Object.keys(more).length === 0 ? fromBase64($base64) : undefined
}
