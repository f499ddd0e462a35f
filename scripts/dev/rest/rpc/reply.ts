import { type RestError, restError } from './error.ts'
import { contentTypes } from './media.ts'
import { applied } from './prefer.ts'
import type { Asked } from './read.ts'
import type { Signature } from './signature.ts'
import type { Called } from './statement.ts'

export type Reply = { status: number; headers: Record<string, string>; body: string | undefined }

/** A call's outcome as an answer: which rows of how many it has, what was heeded, and the rows. */
export function reply(
  { media, prefer, page, method }: Asked,
  { returns }: Signature,
  called: Called,
): Reply | RestError {
  const shown = Number(called.shown)
  if (media === 'object' && returns !== 'void' && shown !== 1) {
    const details = `The result contains ${shown} rows`
    return restError(406, 'PGRST116', 'JSON object requested, multiple (or no) rows returned', null, details)
  }
  const headers = {
    'content-range': contentRange(page.offset, shown, called.total),
    ...applied(prefer, { params: ['single-object'], count: ['exact'] }),
  }
  if (returns === 'void') return { status: 204, headers: { ...headers, 'content-range': '0-0/*' }, body: undefined }
  return {
    status: called.total !== null && shown < Number(called.total) && prefer.count === 'exact' ? 206 : 200,
    headers: { ...headers, 'content-type': contentTypes[media] },
    body: method === 'HEAD' ? undefined : called.body ?? 'null',
  }
}

const contentRange = (offset: number, shown: number, total: string | null): string =>
  `${shown === 0 ? '*' : `${offset}-${offset + shown - 1}`}/${total ?? '*'}`
