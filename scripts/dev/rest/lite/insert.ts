import { restError } from '../rpc/error.ts'
import { isRefused, readPrefer } from '../rpc/prefer.ts'
import { parse } from '../rpc/read.ts'
import { asResponse } from './answer.ts'

type Row = Record<string, unknown>

/**
 * An insert of rows with unlike keys, as PostgREST reads it: null where a key is missing, unless the default is asked
 * for; refused where nobody lists the columns. Lite would fill in the defaults. Every other request stays as it is, unless
 * it insists on preferences that do not exist.
 */
export async function completed(request: Request): Promise<Request | Response> {
  const prefer = readPrefer(Object.fromEntries(request.headers))
  if (isRefused(prefer)) return asResponse(prefer)
  const isJson = (request.headers.get('content-type') ?? 'application/json').startsWith('application/json')
  if (request.method !== 'POST' || !isJson) return request
  const text = await request.clone().text()
  const body = parse(text)
  if (body === undefined) return asResponse(restError(400, 'PGRST102', 'Empty or invalid json'))

  const rows = (Array.isArray(body) ? body : [body]) as Row[]
  const columns = columnsOf(request.url)
  if (!columns) {
    const alike = new Set(rows.map((row) => Object.keys(row ?? {}).sort().join('\n')))
    return alike.size > 1 ? asResponse(restError(400, 'PGRST102', 'All object keys must match')) : request
  }
  if (rows.every((row) => columns.every((column) => column in row))) return request
  if (prefer.missing === 'default') return request
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  const filled = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])))
  return new Request(request.url, { method: 'POST', headers, body: JSON.stringify(filled) })
}

const columnsOf = (url: string): string[] | undefined =>
  new URL(url).searchParams.get('columns')?.split(',').map((column) => column.replace(/^"(.*)"$/, '$1'))
