import type { z } from 'zod'
import { limits } from './limits.ts'
import { type ErrorDetails, SupaqueueError } from '../_shared/supaqueue/errors.ts'

/** What was given as the schema has it. Throws a 422 that names each place. */
export function expectShape<Shape>(schema: z.ZodType<Shape>, given: unknown, where: string): Shape {
  const found = schema.safeParse(given)
  if (found.success) return found.data
  // A few: a batch of a thousand payloads may be wrong in a thousand places.
  throw unlike(
    found.error.issues.slice(0, 20).map(({ path, message }) => ({ path: [where, ...path].join('.'), message })),
  )
}

/** JSON out of a text. Throws a 400. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (reason) {
    throw new SupaqueueError(
      'SQ400',
      `the body is not JSON: ${(reason as Error).message}`,
      'Send one JSON document as the body.',
    )
  }
}

/** The Idempotency-Key of a request, if it has one. Throws a 422 when it is not usable. */
export function idempotencyKey({ headers }: Request): string | undefined {
  const key = headers.get('idempotency-key') ?? undefined
  if (key === undefined || new RegExp(`^[ -~]{1,${limits.keyLength}}$`).test(key)) return key
  throw unlike([{
    path: 'header.idempotency-key',
    message: `1 to ${limits.keyLength} printable ASCII characters, such as a UUID`,
  }])
}

const unlike = (errors: NonNullable<ErrorDetails['errors']>): SupaqueueError =>
  new SupaqueueError(
    'SQ422',
    `the request is not as documented: ${
      errors.slice(0, 3).map(({ path, message }) => `${path}: ${message}`).join('; ')
    }`,
    'Nothing was changed. openapi.json says what this route takes.',
    { errors },
  )
