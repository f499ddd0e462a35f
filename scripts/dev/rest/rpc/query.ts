/** What the query string of a call asks for besides arguments. */
export type Page = { columns?: string[]; order: string[]; limit?: number; offset: number }

const reserved = new Set(['apikey', 'select', 'columns', 'order', 'limit', 'offset', 'on_conflict', 'and', 'or'])
const operator =
  /^(not\.)?(eq|gte?|lte?|neq|i?like|i?match|in|is|isdistinct|w?fts|p[lh]fts|c[sd]|ov|s[lr]|nx[rl]|adj)(\(\w+\))?\./
const name = /^[\p{L}_][\p{L}\p{N}_$ ]*$/u
const ordering = /^([\p{L}_][\p{L}\p{N}_$ ]*)(\.asc|\.desc)?(\.nullsfirst|\.nullslast)?$/u

/** A query string in its parts. Undefined for what only lite understands: filters, casts, embedding. */
export function readQuery(
  query: URLSearchParams,
  isGet: boolean,
): { page: Page; given: [string, string][] } | undefined {
  const others = [...query].filter(([key]) => !reserved.has(key))
  const isFilter = ([, value]: [string, string]) => !isGet || operator.test(value)
  if (others.some(isFilter) || query.has('and') || query.has('or')) return undefined

  const select = query.get('select')
  const columns = select === null || select === '*' ? undefined : select.split(',')
  const order = query.get('order')?.split(',') ?? []
  if (columns?.some((column) => !name.test(column)) || order.some((term) => !ordering.test(term))) return undefined
  return { page: { columns, order, limit: count(query, 'limit'), offset: count(query, 'offset') ?? 0 }, given: others }
}

/** `name.desc.nullslast` as SQL; the names are quoted by the caller's function. */
export function orderOf(term: string, quote: (name: string) => string): string {
  const [, column = '', direction = '', nulls = ''] = ordering.exec(term) ?? []
  const words = [quote(column), direction.slice(1), nulls && `nulls ${nulls.slice('.nulls'.length)}`]
  return words.filter(Boolean).join(' ')
}

function count(query: URLSearchParams, key: string): number | undefined {
  const value = query.get(key)
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}
