import { scalarText } from './json.ts'

// What a payload is to have, as somebody types it.

/** `payload`: JSON that it contains. `where`: a predicate of SQL/JSON that it fits. */
export type Wanted = { payload?: string; where?: string }

/**
 * `a.b=7` is the JSON that contains it; `a.b>7` and its kind, and `a.b~text` for what a text contains, are predicates.
 * What is JSON, or a predicate (it begins with `$`), stays.
 */
export function readPayload(text: string): Wanted {
  if (text.startsWith('$')) return { where: text }
  const [, path, operator, value] = /^([\p{L}\w.-]+)\s*(!=|>=|<=|=|>|<|~)\s*(.*)$/su.exec(text) ?? []
  if (path === undefined || operator === undefined || value === undefined) return { payload: text }
  const names = path.split('.')
  const wanted = scalarText(value)
  if (operator === '=') {
    return { payload: names.reduceRight((inner, name) => `{${JSON.stringify(name)}:${inner}}`, wanted) }
  }
  const place = `$${names.map((name) => `.${JSON.stringify(name)}`).join('')}`
  // Flag q: the text itself, not as a pattern.
  if (operator === '~') return { where: `${place} like_regex ${JSON.stringify(value)} flag "iq"` }
  return { where: `${place} ${operator} ${wanted}` }
}
