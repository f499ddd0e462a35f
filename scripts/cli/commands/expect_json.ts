import { isJson } from '../../../console/json.ts'
import { HintedError } from '../hinted_error.ts'

/**
 * The payload as it was typed, if it is JSON. `undone` says what did not happen otherwise, `example` how it is written.
 *
 * @throws HintedError SQ422
 */
export function expectJson(text: string, undone: string, example: string): string {
  if (isJson(text)) return text
  throw new HintedError(
    'SQ422',
    'the payload is not JSON',
    `${undone} In a shell, put it into single quotes: '${example}'.`,
  )
}
