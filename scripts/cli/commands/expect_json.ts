import { isJson } from '../../../console/json.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * The payload as it was typed, if it is JSON. `undone` says what did not happen otherwise, `example` how it is written.
 *
 * @throws SupaqueueError SQ422
 */
export function expectJson(text: string, undone: string, example: string): string {
  if (isJson(text)) return text
  throw new SupaqueueError(
    'SQ422',
    'the payload is not JSON',
    `${undone} In a shell, put it into single quotes: '${example}'.`,
  )
}
