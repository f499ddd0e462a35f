/** What somebody has read, and when it is worth reading again. */
export type Shared = { body: string; refreshMs: number }

// Reading takes at most a twentieth of the time, however large the database and however many look.
const REST = 20
const SHORTEST_MS = 1000
const KEPT = 200

/**
 * Lets all viewers share what one of them reads: who asks for the same within a second, or within twenty times of what it
 * cost to read, gets the same answer. `forget` is for after a change.
 */
export function makeShare(now: () => number = () => performance.now()) {
  const known = new Map<string, { until: number; answer: Promise<Shared> }>()

  return {
    read(key: string, work: () => Promise<unknown>): Promise<Shared> {
      const found = known.get(key)
      if (found && found.until > now()) return found.answer
      const begun = now()
      const entry = { until: Infinity, answer: Promise.resolve({ body: '', refreshMs: 0 }) }
      entry.answer = work().then((value) => {
        const refreshMs = Math.round(Math.max(SHORTEST_MS, (now() - begun) * REST))
        entry.until = now() + refreshMs
        return { body: JSON.stringify(value), refreshMs }
      })
      entry.answer.catch(() => known.get(key) === entry && known.delete(key))
      known.delete(key)
      known.set(key, entry)
      for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest)
      return entry.answer
    },
    forget: () => known.clear(),
  }
}

export type Share = ReturnType<typeof makeShare>
