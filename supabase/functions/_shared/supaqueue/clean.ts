// jsonb refuses two things that JSON allows: the NUL character, and half of a surrogate pair. One of them in one
// report would fail the whole turn, or keep the end of a job from being told, for ever.

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
