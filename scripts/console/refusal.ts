import type { Refusal } from '../../console/answers.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/** Any error as what the page shows, and its HTTP status. What the database said stays as it said it. */
export function refusalOf(reason: unknown): { status: number; refusal: Refusal } {
  const { code: given, message = String(reason), hint } = (reason ?? {}) as Partial<
    Record<'code' | 'message' | 'hint', string>
  >
  // Some errors of the platform have a number there.
  const code = String(given ?? '')
  if (reason instanceof SupaqueueError || code.startsWith('SQ')) {
    const status = Number(code.slice(2))
    return {
      status: status >= 400 && status < 500 ? status : 500,
      refusal: { code, message, hint: hint ?? 'Look at the health page.' },
    }
  }
  if (code === '42P01' || code === '3F000' || code === '42883') {
    return {
      status: 500,
      refusal: {
        code: 'SQ404',
        message: 'supaqueue is not installed in this database, or of an older release',
        hint: 'pnpm supaqueue:install, or pnpm supaqueue:upgrade',
      },
    }
  }
  if (code === '57014') {
    return {
      status: 503,
      refusal: {
        code: 'SQ504',
        message: 'the database took longer than ten seconds',
        hint: 'Narrow the filter, or try again when the database has less to do.',
      },
    }
  }
  return {
    status: 500,
    refusal: { code: code || 'SQ500', message, hint: hint ?? 'Is the database running? It is tried again by itself.' },
  }
}
