import { setTimeout as pause } from 'node:timers/promises'
import type { World } from '../world.ts'

/** Does something again and again, with a pause between, until somebody has had enough. */
export async function again(world: World, everyMs: number, work: () => Promise<unknown>): Promise<void> {
  const enough = world.interrupted?.()
  while (!enough?.aborted) {
    await work()
    await pause(everyMs, undefined, { signal: enough }).catch(() => {})
  }
}
