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
