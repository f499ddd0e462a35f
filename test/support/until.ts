import { setTimeout as pause } from 'node:timers/promises'

// Less than a test may take (vitest.config.ts), so that it says what it waited for. Long, since a machine that is busy, or gives
// a test a twentieth of a core, is no fault of what is tested.
export const DEADLINE_MS = 280_000

/**
 * Asks until the answer is neither false, null nor undefined, and returns it; fails after the deadline. Soon at first, and
 * less and less often: what is asked for takes its time on a busy machine, and so does the asking.
 */
export async function until<T>(ask: () => T | Promise<T>, deadlineMs = DEADLINE_MS): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs
  for (let nextMs = 5;; nextMs = Math.min(nextMs * 1.3, 50)) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${ask}`)
    await pause(nextMs)
  }
}
