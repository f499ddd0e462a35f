const MAX_REMEMBERED = 1000

/** Remembers names for `keepMs`, at most a thousand of them. Returns whether a name is new, and remembers it. */
export function makeSeen(keepMs: number, now: () => number): (name: string) => boolean {
  const until = new Map<string, number>()

  return (name) => {
    const known = until.get(name)
    if (known !== undefined && known > now()) return false

    // A map keeps the order of insertion: what comes first is the oldest.
    for (const [oldest, end] of until) {
      if (end > now() && until.size < MAX_REMEMBERED) break
      until.delete(oldest)
    }
    until.delete(name)
    until.set(name, now() + keepMs)
    return true
  }
}
