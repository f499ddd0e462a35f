import { setTimeout as pause } from 'node:timers/promises'

/** Asks until the answer is yes; fails after the deadline. */
export async function until(ask: () => Promise<boolean>, deadlineMs = 110_000): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (!await ask()) {
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${ask}`)
    await pause(5)
  }
}
