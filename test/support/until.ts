import { setTimeout as pause } from 'node:timers/promises'

// Less than a test may take (vitest.config.ts), so that it says what it waited for. Long, since a machine that is busy, or gives
// a test a twentieth of a core, is no fault of what is tested.
export const DEADLINE_MS = 280_000

/** Asks until the answer is yes; fails after the deadline. */
export async function until(ask: () => Promise<boolean>, deadlineMs = DEADLINE_MS): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (!await ask()) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${ask}`)
    await pause(5)
  }
}
