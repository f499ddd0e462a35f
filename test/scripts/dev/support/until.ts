import { setTimeout as pause } from 'node:timers/promises'

/** Asks until the answer is neither false, null nor undefined, and returns it; fails after the deadline. */
export async function until<T>(ask: () => T | Promise<T>, deadlineMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs
  while (true) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${ask}`)
    await pause(10)
  }
}
