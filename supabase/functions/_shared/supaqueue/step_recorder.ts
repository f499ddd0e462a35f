import { LeaseLost, SupaqueueError } from './errors.ts'
import { usuallyPasses } from './passing.ts'
import type { LoadedSteps, OpenStep, ProgressNote, StepNote, StepStore, Suspension } from './step_store.ts'

const WAITS_MS = [200, 1000, 3000]

// What one call of the database takes.
const MOST = 500
const MOST_BYTES = 1_000_000

// As it is now: whoever tests with timers of their own does not stop this.
const { setTimeout } = globalThis

type Waiting = { steps: StepNote[]; progress?: ProgressNote; resolve: () => void; reject: (reason: unknown) => void }

/**
 * Writes down what steps have returned. What ends while something is being written goes along with the next: however many end
 * at once, there is one request under way. A database that does not answer is asked again; each write may come twice.
 */
export function makeRecorder(store: StepStore): {
  load(): Promise<LoadedSteps>
  note(steps: StepNote[], progress?: ProgressNote): Promise<void>
  suspend(steps: OpenStep[], slice: boolean): Promise<Suspension>
} {
  const waiting: Waiting[] = []
  let writing = false

  return {
    load: () => patiently(() => store.load()),
    note: (steps, progress) =>
      new Promise((resolve, reject) => {
        waiting.push({ steps, progress, resolve, reject })
        if (!writing) void write()
      }),
    suspend: (steps, slice) =>
      patiently(() => store.suspend(steps, slice), {
        // A try whose answer was lost has ended the call: then the next one finds it gone.
        lost: () => ({ suspended: true }),
      }),
  }

  async function write(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, some())
      try {
        await send(batch)
        batch.forEach(({ resolve }) => resolve())
      } catch (reason) {
        if (batch.length === 1 || reason instanceof LeaseLost) batch.forEach(({ reject }) => reject(reason))
        // One that cannot be written stops itself alone.
        else await Promise.all(batch.map((one) => send([one]).then(one.resolve, one.reject)))
      }
    }
    writing = false
  }

  /** How many of those that wait fit into one call. */
  function some(): number {
    let [count, bytes] = [0, 0]
    for (const { steps } of waiting) {
      bytes += JSON.stringify(steps).length
      if (count > 0 && (count >= MOST || bytes > MOST_BYTES)) break
      count++
    }
    return count
  }

  function send(batch: Waiting[]): Promise<void> {
    const progress = batch.flatMap((one) => one.progress ?? []).at(-1)
    return patiently(() => store.note(batch.flatMap(({ steps }) => steps), progress))
  }
}

async function patiently<T>(ask: () => Promise<T>, { lost }: { lost?: () => T } = {}): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await ask()
    } catch (reason) {
      if (reason instanceof LeaseLost && tries > 0 && lost) return lost()
      const wait = WAITS_MS[tries]
      if (!isPassing(reason) || wait === undefined) throw reason
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

const isPassing = (reason: unknown): boolean => reason instanceof SupaqueueError && usuallyPasses(reason.code)
