import type { IncomingHttpHeaders } from 'node:http'

/** What a request prefers, by the header Prefer: `{ count: 'exact', return: 'minimal' }`. */
export type Prefer = Record<string, string>

/** The first word on a matter counts, as for PostgREST. */
export function readPrefer(headers: IncomingHttpHeaders): Prefer {
  const words = [headers.prefer ?? []].flat().flatMap((header) => header.split(',')).map((word) => word.trim())
  return Object.fromEntries(
    words.filter((word) => word.includes('=')).reverse().map((word) => {
      const at = word.indexOf('=')
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

/** The header that says which of the given preferences were heeded, in PostgREST's order. */
export function applied(prefer: Prefer, heeded: Record<string, readonly string[]>): Record<string, string> {
  const words = Object.entries(heeded).flatMap(([matter, values]) => {
    const value = prefer[matter]
    return value !== undefined && values.includes(value) ? [`${matter}=${value}`] : []
  })
  return words.length > 0 ? { 'preference-applied': words.join(', ') } : {}
}
