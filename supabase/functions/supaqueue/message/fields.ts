import { tokensOf } from '../util/tokens.ts'

/**
 * The fields at the top of a JSON object, each with the JSON text of its value, so that no number loses digits.
 * Nothing for JSON that is no object.
 */
export function fieldsOf(json: string): [name: string, value: string][] {
  const fields: [string, string][] = []
  let depth = 0
  let name: string | undefined
  let start = 0
  for (const { token, at } of tokensOf(json)) {
    if (depth === 0 && token !== '{') return []
    if (depth === 1 && name === undefined && token.startsWith('"')) name = JSON.parse(token)
    else if (depth === 1 && token === ':') start = at + 1
    else if (depth === 1 && name !== undefined && (token === ',' || token === '}')) {
      fields.push([name, json.slice(start, at).trim()])
      name = undefined
    }
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
    if (depth === 0) break
  }
  return fields
}
