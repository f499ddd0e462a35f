import { setTimeout as pause } from 'node:timers/promises'
import type { Deps } from '../deps.ts'

/** Does something again and again, with a pause between, until somebody has had enough. */
export async function again(deps: Deps, everyMs: number, work: () => Promise<unknown>): Promise<void> {
  const enough = deps.interrupted?.()
  while (!enough?.aborted) {
    await work()
    await pause(everyMs, undefined, { signal: enough }).catch(() => {})
  }
}
