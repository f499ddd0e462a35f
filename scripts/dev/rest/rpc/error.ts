import type { DatabaseError } from 'pg'

/** An error in PostgREST's words. */
export type RestError = {
  status: number
  body: { code: string; details: string | null; hint: string | null; message: string }
  headers?: Record<string, string>
}

export const restError = (
  status: number,
  code: string,
  message: string,
  hint: string | null = null,
  details: string | null = null,
): RestError => ({
  status,
  body: { code, details, hint, message },
  ...(status === 401 ? { headers: { 'www-authenticate': 'Bearer' } } : {}),
})

/** What PostgREST would answer for this error of the database or of the way to it. */
export function describeError(reason: unknown, role: string): RestError {
  const { code = '', message, hint, detail } = reason as Partial<DatabaseError> & Error
  if (/timeout exceeded when trying to connect/.test(message)) {
    return restError(504, 'PGRST003', 'Timed out acquiring connection from connection pool.')
  }
  if (!/^[0-9A-Z]{5}$/.test(code)) {
    return restError(503, 'PGRST001', 'Database connection error. Retrying the connection.', null, message)
  }
  if (code === 'PGRST') return asRaised(message, detail)
  return restError(statusOf(code, role), code, message, hint ?? null, detail ?? null)
}

/** An error that says itself what is to be answered: the body is its message, status and headers are its detail. */
function asRaised(message: string, detail = ''): RestError {
  try {
    const body = JSON.parse(message)
    const { status, headers } = JSON.parse(detail)
    if (typeof body.code === 'string' && typeof body.message === 'string' && Number.isInteger(status) && headers) {
      return { ...restError(status, body.code, body.message, body.hint ?? null, body.details ?? null), headers }
    }
  } catch {
    // Answered below.
  }
  return restError(500, 'PGRST121', 'Could not parse the JSON objects of a raised PGRST error.')
}

function statusOf(code: string, role: string): number {
  if (/^PT[1-5]\d\d$/.test(code)) return Number(code.slice(2))
  if (code === '42501') return role === 'anon' ? 401 : 403
  if (code in byCode) return byCode[code] as number
  return byClass[code.slice(0, 2)] ?? 400
}

const byCode: Record<string, number> = {
  '21000': 500,
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53400': 500,
  '57P01': 503,
  P0001: 400,
}
// deno-fmt-ignore
const byClass: Record<string, number> = {
  '08': 503, '09': 500, '0L': 403, '0P': 403, '25': 500, '28': 403, '2D': 500, '38': 500, '39': 500, '3B': 500,
  '40': 500, '53': 503, '54': 500, '55': 500, '57': 500, '58': 500, F0: 500, HV: 500, P0: 500, XX: 500,
}
