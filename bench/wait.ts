import { setTimeout as pause } from 'node:timers/promises'

export { pause }

/** Asks every `everyMs` until the answer is yes. Throws after the deadline, saying what it waited for. */
export async function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { everyMs = 5, deadlineMs = 180_000 } = {},
): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!await ask()) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await pause(everyMs)
  }
}
