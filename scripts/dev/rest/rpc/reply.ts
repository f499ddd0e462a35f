import { type RestError, restError } from './error.ts'
import { contentTypes } from './media.ts'
import { applied } from './prefer.ts'
import type { Asked } from './read.ts'
import type { Signature } from './signature.ts'
import type { Called, Settings } from './statement.ts'

export type Reply = { status: number; headers: Record<string, string>; body: string | undefined }

/** A call's outcome as an answer: which rows of how many it has, what was heeded, what the function set, and the rows. */
export function reply(
  { media, prefer, page, method }: Asked,
  { returns }: Signature,
  called: Called,
  settings: Settings,
): Reply | RestError {
  const shown = Number(called.shown)
  if (media === 'object' && returns !== 'void' && shown !== 1) {
    const details = `The result contains ${shown} rows`
    return restError(406, 'PGRST116', 'JSON object requested, multiple (or no) rows returned', null, details)
  }
  const headers = {
    'content-range': contentRange(page.offset, shown, called.total),
    ...applied(prefer),
  }
  const own = readHeaders(settings.headers)
  if (!own) {
    return restError(
      500,
      'PGRST111',
      'response.headers guc must be a JSON array composed of objects with a single key and a string value',
    )
  }
  const status = settings.status === null ? undefined : Number(settings.status)
  if (status !== undefined && !/^[1-5]\d\d$/.test(settings.status as string)) {
    return restError(500, 'PGRST112', 'response.status guc must be a valid status code')
  }
  if (returns === 'void') {
    return { status: status ?? 204, headers: { ...headers, 'content-range': '0-0/*', ...own }, body: undefined }
  }
  return {
    status: status ?? (called.total !== null && shown < Number(called.total) && prefer.count === 'exact' ? 206 : 200),
    headers: { ...headers, 'content-type': contentTypes[media], ...own },
    body: method === 'HEAD' ? undefined : called.body ?? 'null',
  }
}

const contentRange = (offset: number, shown: number, total: string | null): string =>
  `${shown === 0 ? '*' : `${offset}-${offset + shown - 1}`}/${total ?? '*'}`

/** The setting response.headers: an array of objects of one text each. Undefined when it is something else. */
function readHeaders(setting: string | null): Record<string, string> | undefined {
  if (setting === null) return {}
  try {
    const entries = (JSON.parse(setting) as object[]).flatMap((one) => Object.entries(one))
    if (entries.some(([, value]) => typeof value !== 'string')) return undefined
    return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
  } catch {
    return undefined
  }
}
