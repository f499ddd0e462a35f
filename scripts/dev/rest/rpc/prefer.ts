import type { IncomingHttpHeaders } from 'node:http'
import { type RestError, restError } from './error.ts'

/** What a request prefers, by the header Prefer: `{ count: 'exact', return: 'minimal' }`. */
export type Prefer = Record<string, string>

/** The first word on a matter counts, as for PostgREST. With handling=strict, words that it does not know are refused. */
export function readPrefer(headers: IncomingHttpHeaders): Prefer | RestError {
  const words = [headers.prefer ?? []].flat().flatMap((header) => header.split(',')).map((word) => word.trim())
  const prefer: Prefer = Object.fromEntries(words.filter((word) => word.includes('=')).reverse().map(split))
  const unknown = words.filter((word) => word !== '' && !isKnown(word))
  if (prefer.handling !== 'strict' || unknown.length === 0) return prefer
  const details = `Invalid preferences: ${unknown.join(', ')}`
  return restError(400, 'PGRST122', 'Invalid preferences given with handling=strict', null, details)
}

export const isRefused = (prefer: Prefer | RestError): prefer is RestError => typeof prefer.status === 'number'

const split = (word: string): [string, string] => {
  const at = word.indexOf('=')
  return [word.slice(0, at), word.slice(at + 1)]
}

function isKnown(word: string): boolean {
  const [matter, value] = split(word)
  if (matter === 'timezone') return isTimeZone(value)
  return values[matter]?.test(value) ?? false
}

const values: Record<string, RegExp> = {
  count: /^(exact|planned|estimated)$/,
  handling: /^(strict|lenient)$/,
  'max-affected': /^\d+$/,
  missing: /^(default|null)$/,
  resolution: /^(merge|ignore)-duplicates$/,
  return: /^(representation|headers-only|minimal)$/,
  tx: /^(commit|rollback)$/,
}

/** Whether times are to be written in another zone than the database's. */
export const timeZoneOf = ({ timezone = '' }: Prefer): string | undefined => isTimeZone(timezone) ? timezone : undefined

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The header that says which preferences were heeded, in PostgREST's order. */
export function applied(prefer: Prefer): Record<string, string> {
  const heeded = {
    count: prefer.count === 'exact' ? 'exact' : '',
    handling: prefer.handling,
    timezone: prefer.timezone,
  }
  const words = Object.entries(heeded).flatMap(([matter, value]) => {
    const word = `${matter}=${value}`
    return isKnown(word) ? [word] : []
  })
  return words.length > 0 ? { 'preference-applied': words.join(', ') } : {}
}
