import * as z from 'zod'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

// What comes from a file, the environment or the command line, and becomes part of a URL, a statement or the name of a file.

/** Twenty small letters: the first part of a project's URL. */
export const projectRef = z.string().regex(/^[a-z]{20}$/)

export const port = z.int().min(1).max(65_535)

/** A host's name, without port, user or anything else that a URL may hold. */
export const hostName = z.string().max(253).regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i)

/** Counts of tries and milliseconds, as the environment has them. */
export const count = z.string().regex(/^\d{1,9}$/).transform(Number)

/** `env(NAME)`: the CLI puts in what the environment has. */
export const reference = z.string().regex(/^env\([A-Za-z_]\w*\)$/)

/** An address of HTTP: scheme, host, port and a plain path, with no slash at its end. No user, no query, no fragment. */
const httpUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const bare = url && /^https?:$/.test(url.protocol) && url.hostname !== '' && url.username === '' &&
    url.password === '' &&
    /^[\w./~%-]*$/.test(url.pathname) && /^[\w.:/~%[\]-]+$/.test(text)
  if (bare) return text.replace(/\/+$/, '')
  context.addIssue({ code: 'custom', message: 'not an address' })
  return z.NEVER
})

/** Reads a value that somebody gave. `name` is where it came from, as a person would say it. */
function expectValue<T>(shape: z.ZodType<T>, value: unknown, message: string, hint: string): T {
  const read = shape.safeParse(value)
  if (read.success) return read.data
  throw new SupaqueueError('SQ422', message, hint)
}

export const expectUrl = (text: string, name: string): string =>
  expectValue(
    httpUrl,
    text,
    `${name} is not an address of functions: ${shown(text)}`,
    'Write it like https://<ref>.supabase.co/functions/v1: no user, no query, nothing behind a #.',
  )

export const expectRef = (text: string): string =>
  expectValue(
    projectRef,
    text,
    text === '' ? 'the project ref is empty' : `${shown(text)} is not a project ref`,
    'It is the first part of the project URL: twenty small letters.',
  )

/** A number out of the environment; undefined where it is not set. */
export const readCount = (env: Record<string, string | undefined>, name: string): number | undefined => {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  return expectValue(
    count,
    text,
    `${name} is not a number: ${shown(text)}`,
    `Set ${name} to digits alone, or unset it.`,
  )
}

/** As much of a value as a message needs. */
const shown = (text: string): string => text.length > 100 ? `${text.slice(0, 100)}...` : text
