// JSON as text. JavaScript holds no number of more than 15 digits for sure, and ids often have more: what is only shown,
// or handed on, is never read.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Valid JSON text with each value on a line of its own, and every token as it came. */
export function pretty(text: string): string {
  const tokens = text.match(TOKENS) ?? []
  let [out, depth] = ['', 0]
  const newLine = () => `\n${'  '.repeat(depth)}`
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1]
    const opened = before === '{' || before === '['
    if (token === '}' || token === ']') {
      depth--
      out += opened ? token : newLine() + token
      continue
    }
    if (opened) out += newLine()
    out += token
    if (token === '{' || token === '[') depth++
    else if (token === ',') out += newLine()
    else if (token === ':') out += ' '
  }
  return out
}

/** The JSON text of what somebody has typed for a value: a number, true, false, null or a text in quotes; else it is a text itself. */
export function scalarText(typed: string): string {
  const text = typed.trim()
  if (NUMBER.test(text) || text === 'true' || text === 'false' || text === 'null') return text
  return text.startsWith('"') && isJson(text) ? text : JSON.stringify(typed)
}

/** The JSON text of an object, with one member more whose value is JSON text and stays as it is; without it if there is none. */
export function jsonWith(object: Record<string, unknown>, name: string, text: string | undefined): string {
  const json = JSON.stringify(object)
  if (text === undefined) return json
  return `${json.slice(0, -1)}${json === '{}' ? '' : ','}${JSON.stringify(name)}:${text}}`
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text itself where it is JSON; else the JSON of it as a text. */
export const jsonTextOf = (text: string): string => isJson(text) ? text : JSON.stringify(text)
