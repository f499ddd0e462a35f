import type { Answer } from './answer.ts'
import type { Redact } from './redact.ts'
import { cleanText } from '../../_shared/supaqueue/clean.ts'

const LENGTH = 1000

// One long header should not push the body out.
const VALUE_LENGTH = 150

/** The beginning of an answer, for the history: status line, headers, the head of the body. At most 1000 characters. */
export function headOf({ status, statusText, headers, body }: Answer, redact: Redact): string {
  const lines = [`HTTP ${status}${statusText && ` ${statusText}`}`]
  for (const [name, value] of headers) {
    lines.push(`${name}: ${redact.header(name, value).slice(0, VALUE_LENGTH)}`)
  }
  const text = redact.body(body.text, body.truncated)
  return cleanText(`${lines.join('\n')}\n\n${text}`.slice(0, LENGTH)).trimEnd()
}
