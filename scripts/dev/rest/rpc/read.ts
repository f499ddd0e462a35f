import type { IncomingMessage } from 'node:http'
import { type RestError, restError } from './error.ts'
import { type Media, readMedia } from './media.ts'
import { isRefused, type Prefer, readPrefer } from './prefer.ts'
import { type Page, readQuery } from './query.ts'

/** Arguments by name, as the JSON text that came; or one body that goes to an unnamed parameter as a whole. */
export type Given =
  | { form: 'named'; json: string; names: string[] }
  | { form: 'raw'; type: 'text' | 'bytea' | 'xml'; body: string }

/** What a request asks for: a function by name, its arguments, and how its answer is wanted. */
export type Asked = {
  method: 'GET' | 'HEAD' | 'POST'
  schema: string
  name: string
  given: Given
  page: Page
  media: Media
  prefer: Prefer
}

/** The function that a request names by its path. */
export const functionName = (request: IncomingMessage): string | undefined =>
  /^\/rest\/v1\/rpc\/([^/?]+)/.exec(request.url ?? '')?.[1]

/** Whether a call by this query string is answered here: without filters, casts and embedding. */
export const isPlain = (request: IncomingMessage): boolean => readQuery(queryOf(request), isGet(request)) !== undefined

/** Reads a request for a function, or says why it cannot be understood. */
export async function read(request: IncomingMessage, schemas: string[]): Promise<Asked | RestError> {
  const { method = 'GET', headers } = request
  const name = decodeURIComponent(functionName(request) ?? '')
  const schema = readSchema(request, schemas)
  if (typeof schema !== 'string') return schema
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    return restError(405, 'PGRST101', `Cannot use the ${method} method on RPC`)
  }
  const query = readQuery(queryOf(request), isGet(request))
  if (!query) return onlyLite
  const prefer = readPrefer(headers)
  if (isRefused(prefer)) return prefer
  const body = await readText(request)
  const given = isGet(request) ? asTexts(query.given) : readBody(body, headers['content-type'])
  if ('status' in given) return given
  const media = readMedia(headers)
  if (typeof media !== 'string') return media
  return { method, schema, name, given, page: query.page, media, prefer }
}

/** The schema that a request names, by the header for its method; the first of those exposed by default. */
export function readSchema({ method = 'GET', headers }: IncomingMessage, schemas: string[]): string | RestError {
  const profile = ['GET', 'HEAD'].includes(method) ? headers['accept-profile'] : headers['content-profile']
  const schema = profile?.toString() ?? schemas[0] ?? 'public'
  if (schemas.includes(schema)) return schema
  const hint = `Only the following schemas are exposed: ${schemas.join(', ')}`
  return restError(406, 'PGRST106', `Invalid schema: ${schema}`, hint)
}

function readBody(body: string, contentType: string | undefined): Given | RestError {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? 'application/json'
  if (type === 'application/json') return readJson(body)
  if (type === 'application/x-www-form-urlencoded') return asTexts([...new URLSearchParams(body)])
  if (type === 'text/plain') return { form: 'raw', type: 'text', body }
  if (type === 'application/octet-stream') return { form: 'raw', type: 'bytea', body }
  if (type === 'text/xml') return { form: 'raw', type: 'xml', body }
  return restError(400, 'PGRST102', `Content-Type not acceptable: ${type}`)
}

function readJson(body: string): Given | RestError {
  if (body === '') return { form: 'named', json: '{}', names: [] }
  const value = parse(body)
  if (value === undefined) return restError(400, 'PGRST102', 'Empty or invalid json')
  if (!Array.isArray(value)) return { form: 'named', json: body, names: namesOf(value) }

  // Of an array the first object counts, as long as the others have the same keys.
  const alike = new Set(value.map((item) => isObject(item) ? namesOf(item).join('\n') : undefined))
  if (alike.size > 1 || alike.has(undefined)) return restError(400, 'PGRST102', 'All object keys must match')
  return { form: 'named', json: body, names: namesOf(value[0]) }
}

/** Arguments of a query string or a form: texts, even where a number or an object is due. */
const asTexts = (given: [string, string][]): Given => {
  const texts = Object.fromEntries(given)
  return { form: 'named', json: JSON.stringify(texts), names: namesOf(texts) }
}

const isObject = (value: unknown): boolean => value !== null && typeof value === 'object' && !Array.isArray(value)
const namesOf = (value: unknown): string[] => isObject(value) ? Object.keys(value as object).sort() : []

const isGet = (request: IncomingMessage) => request.method === 'GET' || request.method === 'HEAD'
const queryOf = (request: IncomingMessage) => new URL(request.url ?? '/', 'http://localhost').searchParams

/** Stricter than JSON.parse, as PostgREST's reader is: half of a surrogate pair is no text. */
export function parse(text: string): unknown {
  try {
    return /\\u[dD][89a-fA-F]/.test(text) ? JSON.parse(text, refuseHalves) : JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuseHalves(key: string, value: unknown): unknown {
  if (/\p{Surrogate}/u.test(key + (typeof value === 'string' ? value : ''))) throw new SyntaxError('half a character')
  return value
}

export function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.once('end', () => resolve(Buffer.concat(chunks).toString()))
    request.once('error', reject)
  })
}

const onlyLite: RestError = restError(
  501,
  'PGRST100',
  'The thin endpoint knows no filters, casts and embedded tables',
  "Start the stack with rest: 'lite' for these.",
)
