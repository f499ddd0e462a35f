/** What somebody has read, and when it is worth reading again. */
export type Shared = { body: string; refreshMs: number }

// Reading takes at most a twentieth of the time, however large the database, however many look, and at however many pages.
// Somewhat more than twenty, for a page reads over two connections at once.
const REST = 25
const SHORTEST_MS = 1000
// Who opens a page waits for what is true now, but not for more than a third of the time's worth of reads.
const REST_WHEN_OPENED = 2
const KEPT = 200
// Who still looks asks again as soon as an answer has had its time.
const LEFT_MS = 5000

type ShareOptions = {
  now?: () => number
  /** How many times of what it cost to read an answer counts. */
  rest?: number
}

type Entry = { readAt: number; until: number; costMs: number; answer: Promise<Shared> }

/**
 * Lets all viewers share what one of them reads: who asks for the same within a second gets the same answer, or within
 * so many times of what everything that is looked at cost to read. Who looks for the first time asks for it `anew`, and is
 * given nothing that is older than a second or two reads. `forget` is for after a change.
 */
export function makeShare({ now = () => performance.now(), rest = REST }: ShareOptions = {}) {
  const known = new Map<string, Entry>()

  const costOfAll = (): number =>
    [...known.values()].filter(({ until }) => until + LEFT_MS > now()).reduce((sum, { costMs }) => sum + costMs, 0)

  return {
    read(key: string, work: () => Promise<unknown>, { anew = false } = {}): Promise<Shared> {
      const found = known.get(key)
      const restMs = Math.max(SHORTEST_MS, (found?.costMs ?? 0) * REST_WHEN_OPENED)
      const isOld = anew && now() >= (found?.readAt ?? 0) + restMs
      if (found && found.until > now() && !isOld) return found.answer
      const begun = now()
      const entry: Entry = {
        readAt: Infinity,
        until: Infinity,
        costMs: found?.costMs ?? 0,
        answer: Promise.resolve({ body: '', refreshMs: 0 }),
      }
      entry.answer = work().then((value) => {
        entry.readAt = now()
        entry.costMs = entry.readAt - begun
        const refreshMs = Math.round(Math.max(SHORTEST_MS, costOfAll() * rest))
        entry.until = entry.readAt + refreshMs
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
