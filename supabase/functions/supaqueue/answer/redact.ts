import { cleanText } from '../../_shared/supaqueue/clean.ts'
import { depthOf, MAX_DEPTH } from '../util/text.ts'
import { tokensOf } from '../util/tokens.ts'

/** What is never stored: values wherever they occur, and what stands under certain names. */
export type Redact = {
  /** A text, with every secret value blotted out. `cut`: the text broke off, perhaps within a secret. */
  values(text: string, cut?: boolean): string
  /** A body as it may be stored: `values`, and the JSON fields that the queue names. */
  body(text: string, cut?: boolean): string
  /** A header's value as it may be stored. */
  header(name: string, value: string): string
  /** Whether the queue names fields at all. */
  fields: boolean
  /** Parsed JSON without what stands under the names of the queue. */
  json(value: unknown): unknown
}

const BLOT = '[redacted]'

// Shorter ones would blot out half of every text, and are no secrets.
const SHORTEST = 6

const ALWAYS = ['authorization', 'apikey', 'cookie', 'set-cookie']

/** `secrets` are values; `names` are of headers and JSON fields, in any case. */
export function makeRedact(secrets: string[], names: string[]): Redact {
  const values = formsOf(secrets)
  const fields = new Set(names.map((name) => name.toLowerCase()))
  const headers = new Set([...ALWAYS, ...fields])

  const redact: Redact = {
    values(text, cut = false) {
      for (const value of values) {
        if (text.includes(value)) text = text.replaceAll(value, BLOT)
      }
      return cut ? withoutBeginning(text, values) : text
    },
    header: (name, value) => headers.has(name.toLowerCase()) ? BLOT : redact.values(value),
    fields: fields.size > 0,
    json(value) {
      if (Array.isArray(value)) return value.map(redact.json)
      if (value === null || typeof value !== 'object') return value
      const kept = (
        [name, inner]: [string, unknown],
      ) => [name, fields.has(name.toLowerCase()) ? BLOT : redact.json(inner)]
      return Object.fromEntries(Object.entries(value).map(kept))
    },
    body(text, cut = false) {
      const clean = redact.values(text, cut)
      if (fields.size === 0) return clean
      const parsed = parse(clean)
      return parsed === undefined ? withoutFields(clean, fields) : JSON.stringify(redact.json(parsed))
    },
  }
  return redact
}

/** The longest first, or a piece of one would remain beside the blot of another. */
function formsOf(secrets: string[]): string[] {
  const forms = new Set<string>()
  for (const secret of secrets) {
    // Of `Bearer abc` and `whsec_abc` the last part is the secret.
    for (const form of [secret, secret.replace(/^(?:[A-Za-z]+ +|whsec_)/, '')]) {
      forms.add(form)
      forms.add(JSON.stringify(form).slice(1, -1))
      forms.add(encodeURIComponent(cleanText(form)))
    }
  }
  return [...forms].filter((form) => form.length >= SHORTEST).sort((left, right) => right.length - left.length)
}

/** The text without the beginning of a secret at its end. */
function withoutBeginning(text: string, values: string[]): string {
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length >= SHORTEST; length--) {
      if (text.endsWith(value.slice(0, length))) return text.slice(0, -length) + BLOT
    }
  }
  return text
}

function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text) || depthOf(text) > MAX_DEPTH) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As well as can be done with JSON that broke off: what is nested under such a name is cut with all that follows. */
function withoutFields(text: string, fields: Set<string>): string {
  let clean = ''
  let done = 0
  let name = ''
  let blot = false
  for (const { token, at } of tokensOf(text)) {
    if (blot) {
      clean += `${text.slice(done, at)}"${BLOT}"`
      if (token === '{' || token === '[') return clean
      done = at + token.length
    }
    blot = token === ':' && fields.has(name)
    name = token.startsWith('"') ? nameOf(token) : ''
  }
  return clean + text.slice(done)
}

/** The name in a JSON string, which may have broken off. */
function nameOf(token: string): string {
  try {
    return JSON.parse(token).toLowerCase()
  } catch {
    return ''
  }
}
