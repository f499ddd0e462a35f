import { type Decision, decisionOf, type Outcome } from './decision.ts'
import { type Deps, runtime } from './deps.ts'
import { type Duration, durationOf } from './durations.ts'
import { SupaqueueError } from './errors.ts'
import { HANDLED, type Handled } from './handle.ts'
import { type Job, openJob } from './job.ts'
import { reasonOf } from './reason.ts'
import { validate } from './schema.ts'
import { type MemoryJob, memoryOfSteps, type MemoryStep, type SentSignal } from './step_memory.ts'
import type { StepNote, StepStore } from './step_store.ts'
import { isSuspended } from './steps.ts'

export type TestQueueOptions = {
  /** When the test begins, by its clock. Default: now. */
  now?: Date
  /** How often a job is tried. Default 3. Deaths that the test forces do not count. */
  maxAttempts?: number
  /** How long to wait before the second try; then twice as long each time. Default 1 second. */
  retryDelay?: Duration
  /** `everywhere`: each step is interrupted by a death once before what it has returned is written down, and once after. */
  deaths?: 'everywhere'
  queue?: string
}

/** A step as the test sees it. */
export type TestedStep = {
  name: string
  status: MemoryStep['status']
  /** Of a map, from 0; undefined for anything else. */
  index?: number
  result?: unknown
  error?: string
  attempts: number
}

/** A job of the test; each property is as it is now. */
export type TestedJob = {
  readonly id: number
  readonly status: 'pending' | 'in_progress' | 'held' | 'success' | 'failed' | 'dropped'
  readonly result: unknown
  /** What it failed of last, or why it is held. */
  readonly error: string | undefined
  /** How often its function was called. */
  readonly calls: number
  /** The errors of calls that failed, the first one first. */
  readonly failures: readonly string[]
  readonly steps: readonly TestedStep[]
  readonly progress: { percent: number; note?: string } | undefined
  /** When it goes on by itself; undefined when it has ended, or waits without an end. */
  readonly runsAt: Date | undefined
}

export type TestQueue = {
  /** Adds a job. `run` calls its function. */
  enqueue(payload?: unknown, options?: { version?: string | number }): TestedJob
  /** Calls what is due, again and again, until everything has ended or waits. */
  run(): Promise<void>
  /** Moves the clock, and runs what comes due on the way, in its order. */
  advance(by: Duration): Promise<void>
  /** Sends a signal to a job, or by a key, and runs. Twice with the same `idempotencyKey` is once. */
  signal(
    to: TestedJob | { key: string },
    name: string,
    payload?: unknown,
    options?: { idempotencyKey?: string },
  ): Promise<void>
  /** The next call dies when this step has returned something, before that is written down. */
  dieBefore(step: string): void
  /** The next call dies when what this step has returned has just been written down. */
  dieAfter(step: string): void
  /** A held job is pending again, and runs. */
  release(job: TestedJob): Promise<void>
  readonly now: Date
}

// Nobody tests a function that is called more often than that without an end.
const MOST_CALLS = 10_000

type Kept = {
  memory: MemoryJob
  payload: unknown
  version?: string
  state: unknown
  status: TestedJob['status']
  result: unknown
  error?: string
  attempts: number
  calls: number
  failures: string[]
  runAt: number
}

/**
 * A queue in memory with a clock of its own, for tests of a function that works in steps: what takes days passes at once, and its
 * calls can be made to die. `handler` is what `handle` made, or the function that it was given.
 */
export function testQueue<Payload = unknown>(
  handler: ((request: Request) => Promise<Response>) | ((payload: Payload, job: Job) => unknown),
  { now: begin = new Date(), maxAttempts = 3, retryDelay = 1000, deaths, queue = 'test' }: TestQueueOptions = {},
): TestQueue {
  const handled = (handler as { [HANDLED]?: Handled })[HANDLED] ?? { handler: handler as Handled['handler'] }
  const kept = new Map<number, Kept>()
  const signals: SentSignal[] = []
  const passed = new Set<string>()
  const fatal = { before: new Set<string>(), after: new Set<string>() }
  let now = begin.getTime()
  let tokens = 0
  const memory = memoryOfSteps({ now: () => now, signals })
  const delay = durationOf('retryDelay', retryDelay)

  return {
    enqueue(payload = {}, { version } = {}) {
      const id = kept.size + 1
      const job: Kept = {
        memory: {
          id,
          token: undefined,
          steps: new Map(),
          suspend: (until) => Object.assign(job, { status: 'pending', attempts: 0, runAt: until }),
        },
        // As it travels.
        payload: JSON.parse(JSON.stringify(payload)),
        version: version === undefined ? undefined : String(version),
        state: null,
        status: 'pending',
        result: null,
        attempts: 0,
        calls: 0,
        failures: [],
        runAt: now,
      }
      kept.set(id, job)
      return seen(job)
    },

    run,

    async advance(by) {
      const until = now + durationOf('by', by)
      await run()
      for (let next = nextAt(); next <= until; next = nextAt()) {
        now = Math.max(now, next)
        await run()
      }
      now = until
      await run()
    },

    async signal(to, name, payload = null, { idempotencyKey } = {}) {
      const address = 'key' in to ? { key: to.key } : { job: to.id }
      const isKnown = idempotencyKey !== undefined &&
        signals.some((sent) =>
          sent.idempotencyKey === idempotencyKey && sent.name === name && sent.job === address.job &&
          sent.key === address.key
        )
      if (!isKnown) {
        if (address.job !== undefined && ENDED.has(kept.get(address.job)!.status)) {
          throw new SupaqueueError('SQ409', `job ${address.job} has ended`, 'It no longer waits for anything.')
        }
        signals.push({ ...address, name, payload: JSON.parse(JSON.stringify(payload)), idempotencyKey })
        for (const job of kept.values()) {
          if (job.status === 'pending' && memory.settle(job.memory, true).length > 0 && job.attempts === 0) {
            job.runAt = now
          }
        }
      }
      await run()
    },

    dieBefore: (step) => void fatal.before.add(step),
    dieAfter: (step) => void fatal.after.add(step),

    async release({ id }) {
      const job = kept.get(id)!
      if (job.status === 'held') Object.assign(job, { status: 'pending', runAt: now })
      await run()
    },

    get now() {
      return new Date(now)
    },
  }

  async function run(): Promise<void> {
    for (let calls = 0; calls < MOST_CALLS; calls++) {
      const due = [...kept.values()].filter(({ status, runAt }) => status === 'pending' && runAt <= now)
        .sort((one, other) => one.runAt - other.runAt || one.memory.id - other.memory.id)[0]
      if (!due) return
      await call(due)
    }
    throw new SupaqueueError(
      'SQ409',
      `the function was called ${MOST_CALLS} times, and there is still something due`,
      'Does it reschedule or continue at once, without an end?',
    )
  }

  function nextAt(): number {
    return Math.min(...[...kept.values()].filter(({ status }) => status === 'pending').map(({ runAt }) => runAt))
  }

  async function call(job: Kept): Promise<void> {
    job.status = 'in_progress'
    job.attempts++
    job.calls++
    const token = job.memory.token = ++tokens
    let die = () => {}
    const death = new Promise<'died'>((resolve) => die = () => resolve('died'))
    const background: Promise<unknown>[] = []
    const { job: given, around, leave } = openJob(headersOf(job), job.state, depsOf(job, background), {
      store: mortal(memory.storeOf(job.memory), () => {
        job.memory.token = undefined
        die()
      }),
      grace: 20,
    })
    const decided = decisionOf(() =>
      around(async () => {
        const { schema, ofState } = handled
        const payload = schema ? await validate(schema, job.payload, 'payload') : job.payload
        const state = ofState && job.state !== null ? await validate(ofState, job.state, 'state') : job.state
        return await handled.handler(payload, { ...given, state })
      }), (reason) => void job.failures.push(reasonOf(reason)))
    const decision = await Promise.race([decided, death])
    if (decision !== 'died' && !isSuspended(decision) && decision.outcome !== 'later') apply(job, decision)
    await Promise.race([Promise.all(background), death])
    leave()
    // What the test forces uses no attempt.
    if (job.status === 'in_progress' && job.memory.token !== token) {
      Object.assign(job, { status: 'pending', attempts: job.attempts - 1, runAt: now })
    }
  }

  /** Where steps are remembered, until the call dies: then it hears no more of anything. */
  function mortal(store: StepStore, die: () => void): StepStore {
    const never = new Promise<never>(() => {})
    const isFatal = (when: 'before' | 'after', notes: StepNote[]) =>
      notes.some(({ name, occurrence, item, kind, status }) => {
        if (kind !== 'run' || status !== 'done') return false
        const point = JSON.stringify([when, name, occurrence, item])
        if (fatal[when].delete(name)) return true
        if (deaths !== 'everywhere' || passed.has(point)) return false
        passed.add(point)
        return true
      })
    return {
      ...store,
      async note(notes, progress) {
        if (isFatal('before', notes)) {
          die()
          return never
        }
        await store.note(notes, progress)
        if (isFatal('after', notes)) {
          die()
          return never
        }
      },
    }
  }

  function apply(job: Kept, { outcome, details }: Decision): void {
    job.memory.token = undefined
    const wait = details.at !== undefined ? Date.parse(details.at) - now : details.after_ms
    const later = (attempts: number, after: number) =>
      Object.assign(job, { status: 'pending', attempts, runAt: now + Math.max(0, after) })
    const end = (status: TestedJob['status'], more: Partial<Kept> = {}) =>
      Object.assign(job, { status, error: details.message, ...more })
    const outcomes: Record<Outcome, () => unknown> = {
      complete: () => end('success', { result: JSON.parse(JSON.stringify(details.result ?? null)), state: null }),
      reject: () => {
        job.error = details.message
        if (job.attempts >= maxAttempts) return end('failed')
        return later(job.attempts, wait ?? delay * 2 ** (job.attempts - 1))
      },
      kill: () => end('failed'),
      drop: () => end('dropped'),
      park: () => end('held', { attempts: job.attempts - 1 }),
      reschedule: () => later(0, wait ?? 0),
      continue: () => {
        job.state = JSON.parse(JSON.stringify(details.state))
        return later(0, wait ?? 0)
      },
      later: () => {},
    }
    outcomes[outcome]()
  }

  function headersOf(job: Kept): Headers {
    const id = String(job.memory.id)
    return new Headers({
      'supaqueue-current-job': String(job.memory.token),
      'supaqueue-job-id': id,
      'supaqueue-queue': encodeURIComponent(queue),
      'supaqueue-attempt': String(job.attempts),
      'supaqueue-max-attempts': String(maxAttempts),
      'idempotency-key': `${encodeURIComponent(queue)}-${id}`,
      ...(job.version !== undefined && { 'supaqueue-version': job.version }),
    })
  }

  /** What a function says by its token, beside its steps. */
  function depsOf(job: Kept, background: Promise<unknown>[]): Deps {
    const env: Record<string, string> = { SUPABASE_URL: 'http://test.invalid', SUPABASE_SECRET_KEY: 'test' }
    const refused = (message: string) =>
      Response.json({ code: 'SQ404', message, hint: 'Stop working on it.' }, { status: 400 })
    return {
      ...runtime,
      env: (name) => env[name] ?? runtime.env(name),
      now: () => now,
      waitUntil: (work) => void background.push(work),
      log: (reason) => void job.failures.push(reasonOf(reason)),
      async fetch(url, init) {
        const fields = await new Response(init?.body).json()
        if (String(job.memory.token) !== fields.token) return refused('there is no such current job')
        switch (String(url).split('/').at(-1)) {
          case 'progress':
            job.memory.progress = { ...job.memory.progress, ...fields, token: undefined }
            return Response.json(null)
          case 'extend':
            return Response.json(new Date(now + fields.lease_ms).toISOString())
          default: {
            const { outcome, token: _, ...details } = fields
            apply(job, { outcome, details } as Decision)
            return Response.json(null)
          }
        }
      },
    }
  }

  function seen(job: Kept): TestedJob {
    return {
      id: job.memory.id,
      get status() {
        return job.status
      },
      get result() {
        return job.result
      },
      get error() {
        return job.error
      },
      get calls() {
        return job.calls
      },
      get failures() {
        return [...job.failures]
      },
      get steps() {
        return [...job.memory.steps.values()].sort((one, other) => one.place - other.place || one.item - other.item)
          .map(stepSeen)
      },
      get progress() {
        const { percent, note } = job.memory.progress ?? {}
        return percent === undefined ? undefined : { percent, ...(note !== undefined && { note }) }
      },
      get runsAt() {
        return job.status === 'pending' && Number.isFinite(job.runAt) ? new Date(job.runAt) : undefined
      },
    }
  }
}

const ENDED = new Set<TestedJob['status']>(['success', 'failed', 'dropped'])

function stepSeen({ name, status, item, result, error, attempts = 0 }: MemoryStep): TestedStep {
  return {
    name,
    status,
    attempts,
    ...(item > 0 && { index: item - 1 }),
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  }
}
