/** What a process has done for one database since it began. */
export type Counts = {
  turns: number
  turnSeconds: number
  failedTurns: number
  notifications: number
  sweeps: number
  reconnects: number
  /** Calls that are under way, and how those that ended did. */
  underWay: number
  callSeconds: number
  outcomes: Map<string, number>
}

/** Nothing yet. */
export const newCounts = (): Counts => ({
  turns: 0,
  turnSeconds: 0,
  failedTurns: 0,
  notifications: 0,
  sweeps: 0,
  reconnects: 0,
  underWay: 0,
  callSeconds: 0,
  outcomes: new Map(),
})
