/** A step as it is remembered. `left_ms` is how long it still waits, `ended` orders those that are over. */
export type StepRow = {
  name: string
  occurrence: number
  item: number
  kind: 'run' | 'map' | 'sleep' | 'wait'
  status: 'running' | 'failed' | 'given_up' | 'sleeping' | 'waiting' | 'done' | 'timed_out'
  version?: string
  place: number
  alone?: boolean
  attempts?: number
  items?: number
  /** Of a map: what tells its items, in their order, from others. */
  fingerprint?: string
  ms?: number
  left_ms?: number
  ended?: number
  /** Missing: nothing. */
  result?: unknown
  error?: string
}

/** What is said of a step. */
export type StepNote = {
  name: string
  occurrence: number
  item: number
  kind: 'run' | 'map'
  status: 'running' | 'failed' | 'given_up' | 'done'
  version?: string
  place: number
  alone: boolean
  attempt: number
  items?: number
  fingerprint?: string
  /** How long it took so far. */
  ms: number
  result?: unknown
  error?: string
  /** When its own retries try it again. */
  after_ms?: number
}

export type ProgressNote = { percent: number; note: string }

/** What a function waits for. */
export type OpenStep = {
  name: string
  occurrence: number
  item: number
  kind: 'run' | 'sleep' | 'wait'
  place: number
  alone: boolean
  after_ms?: number
  at?: string
  key?: string
}

export type LoadedSteps = {
  steps: StepRow[]
  /** How long the call may still take; null when nobody waits for its answer. */
  left_ms: number | null
  wall_clock_ms?: number
}

export type Suspension = { suspended: true } | { suspended: false; steps: StepRow[] }

/** Where steps are remembered: the database, or, in tests, memory. Each may throw a `LeaseLost`. */
export type StepStore = {
  load(): Promise<LoadedSteps>
  note(steps: StepNote[], progress?: ProgressNote): Promise<void>
  /** Ends the call until the first of these is over; with `slice` for a moment only. */
  suspend(steps: OpenStep[], slice: boolean): Promise<Suspension>
}

/** Calls a function of the database with the token of the job. */
export type Tell = (name: string, args: Record<string, unknown>) => Promise<unknown>

/** The steps of a job in the database. */
export function databaseStore(tell: Tell): StepStore {
  return {
    async load() {
      const steps: StepRow[] = []
      for (;;) {
        const answer = await tell('load_steps', { after: steps.length }) as {
          steps: StepRow[]
          more: boolean
          left_ms: number | null
          wall_clock_ms: string | null
        }
        steps.push(...answer.steps)
        if (answer.more && answer.steps.length > 0) continue
        const wallClock = Number(answer.wall_clock_ms)
        return { steps, left_ms: answer.left_ms, ...(wallClock > 0 && { wall_clock_ms: wallClock }) }
      }
    },
    async note(steps, progress) {
      await tell('note_steps', { steps, ...progress })
    },
    async suspend(steps, slice) {
      return await tell('suspend', { steps, slice }) as Suspension
    },
  }
}
