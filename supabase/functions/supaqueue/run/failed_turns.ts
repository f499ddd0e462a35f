export type FailedTurns = {
  /** How many turns have failed since the last one that was answered. */
  count(): number
  /** A turn failed; `passing` is false when only a person can fix it. */
  fail(passing: boolean): void
  /** A turn was answered. */
  relax(): void
  /** How long to wait before the next try, in milliseconds. */
  retryMs(): number
  /** How long turns have been failing, in milliseconds. */
  lastingMs(): number
}

const FIRST_MS = 100
const LONGEST_MS = 2000
const LONGEST_UNTIL_FIXED_MS = 10_000

/** How a run bears turns that fail: growing waits, spread so that runs do not come back all at once. */
export function makeFailedTurns({ now, random }: { now: () => number; random: () => number }): FailedTurns {
  let failures = 0
  let since = 0
  let retryMs = 0

  return {
    count: () => failures,
    fail(passing) {
      if (failures++ === 0) since = now()
      const longest = passing ? LONGEST_MS : LONGEST_UNTIL_FIXED_MS
      retryMs = Math.min(FIRST_MS * 2 ** (failures - 1), longest) * (0.5 + random() / 2)
    },
    relax() {
      failures = 0
    },
    retryMs: () => retryMs,
    lastingMs: () => failures === 0 ? 0 : now() - since,
  }
}
