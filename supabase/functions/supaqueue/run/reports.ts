import type { Report } from '../turn/turn.ts'

// A row that somebody else has locked is tried again after this.
const AGAIN_MS = 250

// Bounds the size of a turn after an outage. Fifty calls of twenty jobs end with a thousand: the fewer turns they take, the
// less each one costs.
const MOST = 500

// As much as a turn carries in well under its eight seconds; one report goes whatever its size.
const MOST_LETTERS = 1_000_000

// With a turn now: due again only when the turn fails.
const UNDER_WAY = Infinity

export type Reports = {
  add(report: Report, partOfCall?: number): void
  /** The reports that are due now, for one turn; they stay until `settle`. After several refused turns it is one at a time. */
  take(refusals: number): Report[]
  /** The turn that carried them was answered: all but those wanted again are done with. */
  settle(taken: Report[], again: string[]): void
  /** The turn that carried them failed: they come last next time, so that one that is refused does not hold up the rest. */
  keep(taken: Report[]): void
  tokens(): string[]
  has(token: string): boolean
  count(): number
  /** Of how many calls they are, or those that are due now: twenty of jobs that shared one are of one. */
  calls(due?: 'due'): number
  /** Milliseconds until the next report is due; undefined when there is none, or all are under way. */
  dueIn(): number | undefined
}

/** Outcomes on their way to the database, from the end of a call to the turn that the database has answered. */
export function makeReports(now: () => number): Reports {
  const waiting = new Map<string, { report: Report; part: number; dueAt: number; letters: number }>()

  return {
    add: (report, part = 1) =>
      void waiting.set(report.token, { report, part, dueAt: now(), letters: lettersOf(report) }),

    take: (refusals) =>
      chosen(refusals).map((entry) => {
        entry.dueAt = UNDER_WAY
        return entry.report
      }),

    settle(taken, again) {
      const wanted = new Set(again)
      for (const report of taken) {
        const entry = waiting.get(report.token)
        waiting.delete(report.token)
        if (entry && wanted.has(report.token)) waiting.set(report.token, { ...entry, dueAt: now() + AGAIN_MS })
      }
    },

    keep(taken) {
      for (const report of taken) {
        const entry = waiting.get(report.token)!
        waiting.delete(report.token)
        waiting.set(report.token, { ...entry, dueAt: now() })
      }
    },

    tokens: () => [...waiting.keys()],
    has: (token) => waiting.has(token),
    count: () => waiting.size,
    calls: (due) => [...waiting.values()].reduce((sum, { part, dueAt }) => due && dueAt > now() ? sum : sum + part, 0),

    dueIn() {
      let first = UNDER_WAY
      for (const { dueAt } of waiting.values()) first = Math.min(first, dueAt)
      return first === UNDER_WAY ? undefined : Math.max(0, first - now())
    },
  }

  /** Those that are due, as many as a turn takes: half as many, and half as large, for each one that was refused. */
  function chosen(refusals: number) {
    const most = refusals < 3 ? MOST >> refusals : 1
    const room = MOST_LETTERS / 2 ** refusals
    const entries = []
    let letters = 0
    for (const entry of waiting.values()) {
      if (entry.dueAt > now()) continue
      letters += entry.letters
      if (entries.length === most || entries.length > 0 && letters > room) break
      entries.push(entry)
    }
    return entries
  }
}

/** About how long a report is: what can be large is what a function said. */
function lettersOf({ result, state, error = '', head = '' }: Report): number {
  const json = [result, state].filter((part) => part !== undefined && part !== null)
  return json.reduce<number>((sum, part) => sum + JSON.stringify(part).length, 200 + error.length + head.length)
}
