const KEEP_MS = 60_000

/** How far the database's clock is ahead of ours, in milliseconds. */
export type Skew = () => Promise<number>

/**
 * Asks for the database's clock (`probe`, Unix milliseconds) and remembers the difference for a minute.
 * Requests that come meanwhile share one probe; a probe that failed is not remembered.
 */
export function makeSkew(probe: () => Promise<number>, now: () => number): Skew {
  let asked: { at: number; skew: Promise<number> } | undefined

  return () => {
    if (!asked || now() - asked.at >= KEEP_MS) {
      const asking = { at: now(), skew: ask() }
      asked = asking
      asking.skew.catch(() => {
        if (asked === asking) asked = undefined
      })
    }
    return asked.skew
  }

  async function ask(): Promise<number> {
    const before = now()
    const theirs = await probe()
    return theirs - (before + now()) / 2
  }
}
