import { LeaseLost } from './errors.ts'
import type { LoadedSteps, OpenStep, ProgressNote, StepNote, StepRow, StepStore, Suspension } from './step_store.ts'

/** A signal, and what has become of it. */
export type SentSignal = {
  job?: number
  key?: string
  name: string
  payload: unknown
  idempotencyKey?: string
  takenBy?: number
}

/** A step in memory: as in the database, with times of the clock in place of durations. */
export type MemoryStep = Omit<StepRow, 'left_ms' | 'ended'> & {
  until?: number
  ended?: number
  key?: string
  tries: { attempt: number; error: string }[]
}

/** What a job is to its steps. */
export type MemoryJob = {
  readonly id: number
  /** Of the call that is under way; undefined when there is none. */
  token: number | undefined
  readonly steps: Map<string, MemoryStep>
  progress?: ProgressNote
  /** Ends the call, until then. */
  suspend(until: number): void
}

/**
 * Steps and signals in memory, for tests: does with them what the module steps does in the database, by a clock that is given. A
 * test plays the same scenes with both.
 */
export function memoryOfSteps({ now, signals }: { now: () => number; signals: SentSignal[] }) {
  return { settle, storeOf }

  /** Where the steps of a job are remembered for one call of it. */
  function storeOf(job: MemoryJob): StepStore {
    const token = job.token
    const assertLease = () => {
      if (token === undefined || job.token !== token) {
        throw new LeaseLost(
          'there is no current job',
          'It has ended already, or its lease ran out. Stop working on it.',
        )
      }
    }
    return {
      load: () =>
        held((): LoadedSteps => {
          settle(job, false)
          const steps = [...job.steps.values()].sort((one, other) => one.place - other.place || one.item - other.item)
          return { steps: steps.map(shown), left_ms: null }
        }),
      note: (notes: StepNote[], progress?: ProgressNote) =>
        held(() => {
          for (const note of notes) write(job, note)
          if (progress) job.progress = progress
        }),
      suspend: (opens: OpenStep[], slice: boolean) =>
        held((): Suspension => {
          for (const open of opens) begin(job, open)
          settle(job, true)
          const steps = opens.map((open) => job.steps.get(idOf(open))!)
          const over = steps.filter(({ status, until }) =>
            isOver(status) || status === 'failed' && (until ?? 0) <= now()
          )
          if (over.length > 0) {
            over.sort((one, other) => (one.ended ?? Infinity) - (other.ended ?? Infinity) || one.place - other.place)
            return { suspended: false, steps: over.map(shown) }
          }
          job.token = undefined
          job.suspend(slice ? now() : Math.min(...steps.map(({ until }) => until ?? Infinity)))
          return { suspended: true }
        }),
    }

    /** As a transaction that holds the job: refused when it is no longer this call's. */
    function held<T>(work: () => T): Promise<T> {
      return new Promise((resolve) => {
        assertLease()
        resolve(work())
      })
    }
  }

  /** Ends what is over; waits by a key only when `keyed`. Says which signals were taken. */
  function settle(job: MemoryJob, keyed: boolean): SentSignal[] {
    const taken: SentSignal[] = []
    for (const step of job.steps.values()) {
      if (step.status === 'sleeping' && step.until! <= now()) Object.assign(step, { status: 'done', ended: step.until })
      if (step.status !== 'waiting' || step.key !== undefined && !keyed) continue
      const open = signals.filter(({ name, takenBy }) => name === step.name && takenBy === undefined)
      const signal = open.find((sent) => sent.job === job.id) ??
        open.find((sent) => sent.key !== undefined && sent.key === step.key)
      if (signal) {
        signal.takenBy = job.id
        taken.push(signal)
        Object.assign(step, { status: 'done', ended: now(), result: signal.payload })
      } else if (step.until !== undefined && step.until <= now()) {
        Object.assign(step, { status: 'timed_out', ended: step.until })
      }
    }
    return taken
  }

  function shown({ until, key: _, tries: __, ...step }: MemoryStep): StepRow {
    return { ...step, ...(until !== undefined && { left_ms: until - now() }) }
  }

  function begin(job: MemoryJob, { name, occurrence, item, place, alone, kind, key, at, after_ms }: OpenStep): void {
    const id = idOf({ name, occurrence, item })
    if (kind === 'run' || job.steps.has(id)) return
    const until = at === undefined ? after_ms === undefined ? undefined : now() + after_ms : Date.parse(at)
    const status = kind === 'sleep' ? 'sleeping' : 'waiting'
    job.steps.set(id, { name, occurrence, item, kind, status, place, alone, attempts: 0, key, until, tries: [] })
  }

  function write(job: MemoryJob, { attempt, after_ms, ...note }: StepNote): void {
    const known = job.steps.get(idOf(note))
    if (known && isOver(known.status)) return
    const tries = [...known?.tries ?? []]
    if (known?.status === 'running' && attempt > (known.attempts ?? 0)) {
      tries.push({ attempt: known.attempts ?? 0, error: 'its call ended before it did' })
    }
    const isTold = known?.status === 'failed' && known.attempts === attempt
    if ((note.status === 'failed' || note.status === 'given_up') && !isTold) {
      tries.push({ attempt, error: note.error ?? '' })
    }
    job.steps.set(idOf(note), {
      ...note,
      version: note.version ?? known?.version,
      items: note.items ?? known?.items,
      fingerprint: note.fingerprint ?? known?.fingerprint,
      attempts: Math.max(known?.attempts ?? 0, attempt),
      tries: tries.slice(-20),
      ...(note.status === 'failed' && after_ms !== undefined && { until: now() + after_ms }),
      ...((note.status === 'done' || note.status === 'given_up') && { ended: now() }),
    })
  }
}

const idOf = ({ name, occurrence, item }: Pick<StepRow, 'name' | 'occurrence' | 'item'>): string =>
  JSON.stringify([name, occurrence, item])

const isOver = (status: StepRow['status']): boolean =>
  status === 'done' || status === 'given_up' || status === 'timed_out'
