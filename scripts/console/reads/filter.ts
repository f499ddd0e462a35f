import * as z from 'zod'
import { SORTS, STATUSES } from '../../../console/answers.ts'
import { isJson } from '../../../console/json.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Key } from './keyset.ts'

/** What a payload is to contain, as JSON text. */
export const payloadText = z.string().refine(isJson, 'the payload is not JSON')

const shape = z.object({
  queue: z.string().optional(),
  status: z.enum(STATUSES).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  batch: z.uuid().optional(),
  key: z.string().optional(),
  payload: payloadText.optional(),
  where: z.string().optional(),
  error: z.string().optional(),
  sort: z.enum(SORTS).optional(),
  after: z.string().optional(),
})

/** Which jobs are asked for. */
export type Filter = z.infer<typeof shape>

/** Reads it from an address. Throws a `SupaqueueError` about what it does not understand. */
export function readFilter(params: URLSearchParams): Filter {
  const read = shape.safeParse(Object.fromEntries(params))
  if (read.success) return read.data
  throw new SupaqueueError('SQ422', z.prettifyError(read.error), 'Change the filter, or clear it.')
}

/** Where a page goes on, as it stands in an address. */
export const writeKey = (key: Key): string => key.join('_')

/** The same, back; null for the beginning. */
export function readKey(text: string | undefined): Key | null {
  if (text === undefined) return null
  const key = text.split('_').map(Number)
  if (!key.some(Number.isNaN)) return key
  throw new SupaqueueError('SQ422', 'the address has no such place in the list', 'Begin at its first page.')
}
