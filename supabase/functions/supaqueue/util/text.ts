// jsonb refuses two things that JSON allows: the NUL character, and half of a surrogate pair. One of them in one
// report would fail the whole turn, for ever.

const ESCAPE = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(?:u[0-9a-fA-F]{4}|.)/g

/** A text without the characters that jsonb refuses. */
export const cleanText = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')

/** A JSON text without the escapes that jsonb refuses, in values and in names. */
export function cleanJson(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(ESCAPE, (escape) => {
    if (escape === '\\u0000') return ''
    return /^\\u[dD][89a-fA-F]..$/.test(escape) ? '\\ufffd' : escape
  })
}

/** Postgres reads nested JSON by recursion and gives up somewhere in the thousands. */
export const MAX_DEPTH = 500

/** How deep arrays and objects of a JSON text are nested. */
export function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  // A string that never ends counts as one: looking for its end again from every quote within would take for ever.
  for (const [sign] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[{]|[\]}]/g)) {
    if (sign === '[' || sign === '{') deepest = Math.max(deepest, ++depth)
    else if (sign === ']' || sign === '}') depth--
  }
  return deepest
}
