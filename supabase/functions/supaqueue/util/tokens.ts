// A string that never ends is a token too: looking for its end again from every quote within would take for ever.
const TOKEN = /"(?:[^"\\]|\\.)*"?|[[\]{},:]|[^\s[\]{},:"]+/g

/** The tokens of a JSON text, or of one that broke off, and where each begins. */
export function* tokensOf(json: string): Generator<{ token: string; at: number }> {
  for (const { 0: token, index: at } of json.matchAll(TOKEN)) yield { token, at }
}
