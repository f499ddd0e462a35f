import { setTimeout as pause } from 'node:timers/promises'
import { DEADLINE_MS } from '../../../support/until.ts'

/** Asks until the answer is neither false, null nor undefined, and returns it; fails after the deadline. */
export async function until<T>(ask: () => T | Promise<T>, deadlineMs = DEADLINE_MS): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs
  for (let nextMs = 10;; nextMs = Math.min(nextMs * 1.3, 50)) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${ask}`)
    await pause(nextMs)
  }
}
