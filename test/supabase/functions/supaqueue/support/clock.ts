/** A clock that moves only when told to. Its timers ring in order, and what they set off is let run before the next. */
export function makeClock() {
  let now = 0
  const timers = new Set<{ at: number; ring: () => void }>()

  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve))
  }

  return {
    now: () => now,
    after(ms: number, ring: () => void) {
      const timer = { at: now + ms, ring }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    sleep: (ms: number) => new Promise<void>((resolve) => void timers.add({ at: now + ms, ring: resolve })),
    settle,
    /** How many timers are set. */
    timers: () => timers.size,
    async advance(ms: number): Promise<void> {
      const end = now + ms
      await settle()
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0]
        if (!due) break
        now = Math.max(now, due.at)
        timers.delete(due)
        due.ring()
        await settle()
      }
      now = end
    },
  }
}

export type Clock = ReturnType<typeof makeClock>
