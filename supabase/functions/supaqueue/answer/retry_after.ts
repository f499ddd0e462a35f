/** The longest wait the database accepts. */
export const MAX_WAIT_MS = 3_600_000

// Seconds as RFC 9110 has them, and as they come: with a fraction, or below zero when the clock of the target is late.
const SECONDS = '[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)'
const TIME = '\\d{2}:\\d{2}:\\d{2}'
// The three writings of a date in HTTP, and that of ISO 8601. Two of them have a comma, which also parts a list.
const DATES = [
  `[A-Za-z]+, \\d{1,2}[ -][A-Za-z]{3}[ -](?:\\d{4}|\\d{2}) ${TIME} (?:GMT|UTC|Z|[+-]\\d{4})`,
  `[A-Za-z]{3} [A-Za-z]{3} [ \\d]\\d ${TIME} \\d{4}`,
  `\\d{4}-\\d{2}-\\d{2}T${TIME}(?:\\.\\d+)?(?:Z|[+-]\\d{2}:?\\d{2})`,
]
const ENTRY = `(?:${[...DATES, SECONDS].join('|')})`
const LIST = new RegExp(`^[\\s,]*${ENTRY}(?:\\s*,[\\s,]*${ENTRY})*[\\s,]*$`)
const ENTRIES = new RegExp(ENTRY, 'g')
const IS_SECONDS = new RegExp(`^${SECONDS}$`)
const IS_ASCTIME = new RegExp(`^${DATES[1]}$`)

/**
 * The header Retry-After, in seconds or as a date, as milliseconds from `now` (Unix); undefined when it says nothing.
 * Of several the longest. What is over means at once, and what is far means an hour.
 */
export function readRetryAfter(
  text: string | null,
  now: number,
): number | undefined {
  if (text === null || !LIST.test(text)) return undefined
  const waits = text.match(ENTRIES)!.map((entry) => waitOf(entry, now)).filter((
    wait,
  ) => !Number.isNaN(wait))
  return waits.length === 0 ? undefined : Math.min(Math.max(0, ...waits.map(Math.ceil)), MAX_WAIT_MS)
}

function waitOf(entry: string, now: number): number {
  if (IS_SECONDS.test(entry)) return Number(entry) * 1000
  // The one writing that does not say it is Greenwich's time; to Date.parse it would be that of this machine.
  return Date.parse(IS_ASCTIME.test(entry) ? `${entry} GMT` : entry) - now
}
