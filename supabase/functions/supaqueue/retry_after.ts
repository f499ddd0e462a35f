/** The longest wait the database accepts. */
export const MAX_WAIT_MS = 3_600_000

/** The header Retry-After, in seconds or as a date, as milliseconds from `now` (Unix); undefined when it says nothing. */
export function readRetryAfter(
  text: string | null,
  now: number,
): number | undefined {
  if (text === null) return undefined
  const waitMs = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, Math.ceil(waitMs)), MAX_WAIT_MS)
}
