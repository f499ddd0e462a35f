import type { IncomingHttpHeaders } from 'node:http'
import { type RestError, restError } from './error.ts'

/** In what form an answer is wanted: all rows as JSON, the only one, or CSV. */
export type Media = 'json' | 'object' | 'csv'

export const contentTypes: Record<Media, string> = {
  json: 'application/json; charset=utf-8',
  object: 'application/vnd.pgrst.object+json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

const known: Record<string, Media> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/vnd.pgrst.array': 'json',
  'application/vnd.pgrst.array+json': 'json',
  'application/vnd.pgrst.object': 'object',
  'application/vnd.pgrst.object+json': 'object',
  'text/csv': 'csv',
}

/** The first of the accepted forms that there is. */
export function readMedia(headers: IncomingHttpHeaders): Media | RestError {
  const wanted = (headers.accept ?? '*/*').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase() ?? '')
  const found = wanted.find((type) => type in known)
  if (found !== undefined) return known[found] as Media
  return restError(406, 'PGRST107', `None of these media types are available: ${wanted.join(', ')}`)
}
