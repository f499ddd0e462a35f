import { randomUUID } from 'node:crypto'

/** What a dispatcher of the tests has beside its environment: real clocks, and nobody to look up or to connect to. */
export const nodeDeps = () => {
  const logs: Record<string, unknown>[] = []
  const work: Promise<unknown>[] = []
  const deps = {
    fetch,
    resolve: () => Promise.reject(new Error('nobody should ask')),
    connect: () => Promise.reject(new Error('nobody should connect')),
    unixNow: Date.now,
    now: () => performance.now(),
    after(ms: number, ring: () => void) {
      const timer = setTimeout(ring, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    newId: randomUUID,
    background: (promise: Promise<unknown>) => void work.push(promise),
    log: (line: Record<string, unknown>) => void logs.push(line),
    bornAt: performance.now(),
  }
  return { deps, logs, work }
}
