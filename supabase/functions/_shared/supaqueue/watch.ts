import type { Listen } from './live.ts'

/** Somebody who wants to know how a job goes on. */
export type Watcher<Row> = {
  id: number
  /** Milliseconds between two looks. Left out: shortly at first, then longer and longer. */
  every?: number
  /** Gets the job's row; undefined when there is none. */
  hear(row: Row | undefined): void
  /** Gets the reason when it could not be read. */
  fail(reason: unknown): void
}

/** Begins to look for a watcher, at once. Returns the way to end that. */
export type Watch<Row> = (watcher: Watcher<Row>) => () => void

const FIRST_MS = 100
const LONGEST_MS = 2000
const GROWTH = 1.5

// Where Realtime tells what has changed, and looking is the net under it.
const LONGEST_LIVE_MS = 15_000

// So many ids make a request of some four kilobytes.
const MOST_IDS = 200

/**
 * Looks at jobs again and again, at all that are watched with one request: a thousand who wait cost hardly more than one.
 * `read` gives the rows that there are; `listen`, where there is one, tells which to look at.
 */
export function makeWatch<Row extends { id: number }>(
  read: (ids: number[]) => Promise<Row[]>,
  listen?: Listen,
): Watch<Row> {
  const watched = new Map<Watcher<Row>, { next: number; pause: number }>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let looking = false
  let leave: (() => void) | undefined
  let longest = LONGEST_MS
  // What changed while it was being read: what was read may be from before.
  const changed = new Set<number>()

  return (watcher) => {
    watched.set(watcher, { next: Date.now(), pause: watcher.every ?? FIRST_MS })
    leave ??= listen?.({ heard, live })
    plan()
    return () => {
      if (!watched.delete(watcher) || watched.size > 0) return
      clearTimeout(timer)
      leave?.()
      leave = undefined
      longest = LONGEST_MS
    }
  }

  function heard(id: number): void {
    changed.add(id)
    for (const [watcher, turn] of watched) if (watcher.id === id) turn.next = Date.now()
    plan()
  }

  function live(on: boolean): void {
    longest = on ? LONGEST_LIVE_MS : LONGEST_MS
    // Once more at once: what changed before it was heard of, or from now on is not.
    for (const watcher of watched.keys()) heard(watcher.id)
  }

  function plan(): void {
    clearTimeout(timer)
    if (looking || watched.size === 0) return
    const next = Math.min(...[...watched.values()].map((turn) => turn.next))
    timer = setTimeout(() => void look(), Math.max(0, next - Date.now()))
  }

  async function look(): Promise<void> {
    looking = true
    changed.clear()
    // Those who are due a little later come along.
    const due = [...watched]
      .filter(([, { next, pause }]) => next - pause / 4 <= Date.now())
      .sort(([, one], [, other]) => one.next - other.next)
      .slice(0, MOST_IDS)
    try {
      const ids = [...new Set(due.map(([{ id }]) => id))]
      const rows = new Map((await read(ids)).map((row) => [row.id, row]))
      for (const [watcher] of due) if (watched.has(watcher)) watcher.hear(rows.get(watcher.id))
    } catch (reason) {
      for (const [watcher] of due) if (watched.has(watcher)) watcher.fail(reason)
    }
    for (const [watcher, turn] of due) {
      turn.next = Date.now() + (changed.has(watcher.id) ? 0 : turn.pause)
      if (watcher.every === undefined) turn.pause = Math.min(turn.pause * GROWTH, longest)
    }
    looking = false
    plan()
  }
}
