import type { Body } from './answer.ts'
import type { Redact } from './redact.ts'
import { cleanJson, cleanText } from '../../_shared/supaqueue/clean.ts'
import { depthOf, MAX_DEPTH } from '../util/text.ts'
import type { Json } from '../turn/turn.ts'

/**
 * What is kept of a body: JSON as JSON, anything else as a text. Objects and lists are JSON even when the answer does
 * not say so. Of a body that was cut, `{ truncated: true, text }`.
 */
export function resultOf(headers: Headers, { text, truncated }: Body, redact: Redact): Json | null {
  if (truncated) return { truncated: true, text: cleanText(redact.body(text, true)) }
  if (text === '') return null
  const clean = redact.values(text)
  const saysJson = /^application\/(.+\+)?json\b/i.test(headers.get('content-type') ?? '')
  const json = saysJson || /^\s*[[{]/.test(clean) ? readJson(clean) : undefined
  if (json === undefined) return cleanText(redact.body(text))
  return redact.fields ? redact.json(json) as Json : json
}

/** A JSON text as Postgres can keep it; undefined when it is none, or nested too deep. */
export function readJson(text: string): Json | null | undefined {
  try {
    return depthOf(text) <= MAX_DEPTH ? JSON.parse(cleanJson(text)) : undefined
  } catch {
    return undefined
  }
}

/** A result as far as it is kept: of one that is longer in JSON than `bytes`, the head as a text. */
export function within(result: Json | null, bytes: number): Json | null {
  const json = JSON.stringify(result)
  if (json.length <= bytes / 3) return result
  const encoded = new TextEncoder().encode(json)
  if (encoded.length <= bytes) return result
  const text = new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd$/, '')
  return { truncated: true, text: cleanText(text) }
}
