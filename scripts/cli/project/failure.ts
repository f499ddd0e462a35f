import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** What the platform answered, as an error that says what to do. `what` names the thing that was tried. */
export function platformFailure(what: string, status: number, detail: string): SupaqueueError {
  const { code, hint } = remedies(status)
  return new SupaqueueError(code, `${what}: the platform answered ${status}${detail ? ` (${detail})` : ''}`, hint)
}

/** No usable answer came at all. */
export const noAnswer = (what: string, why: string): SupaqueueError =>
  new SupaqueueError(
    'SQ504',
    `${what}: the platform cannot be reached (${why})`,
    'Check the network, or look at the status page of Supabase. Then run the same command again: it goes on where it stopped.',
  )

function remedies(status: number): { code: string; hint: string } {
  if (status === 401) {
    return {
      code: 'SQ401',
      hint:
        'The access token is not valid (any more). Make one under Account, Access Tokens, and set SUPABASE_ACCESS_TOKEN.',
    }
  }
  if (status === 403) {
    return {
      code: 'SQ403',
      hint: 'The access token may not do this. Its owner must be an administrator or developer of the project.',
    }
  }
  if (status === 404) {
    return { code: 'SQ404', hint: 'Check the project ref: it is the first part of the project URL, twenty letters.' }
  }
  if (status === 429) {
    return {
      code: 'SQ429',
      hint: 'The platform limits calls per minute. Wait one, then run the same command again.',
    }
  }
  return {
    code: 'SQ502',
    hint: 'Usually passing. Run the same command again: it goes on where it stopped.',
  }
}
