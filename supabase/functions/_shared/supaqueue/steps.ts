import { decide, type Decision, decisions, isDecision } from './decision.ts'
import { type Deps, livesInIsolate } from './deps.ts'
import { type Duration, durationOf } from './durations.ts'
import { KillError, LeaseLost, RetryError, StepFailed, SupaqueueError, WaitTimedOut } from './errors.ts'
import { plain } from './plain.ts'
import { reasonOf } from './reason.ts'
import { makeRecorder } from './step_recorder.ts'
import type { OpenStep, ProgressNote, StepNote, StepRow, StepStore } from './step_store.ts'
import { timeOf } from './times.ts'

/** What a step knows about itself. */
export type StepContext = {
  /** The same for all tries of this step of this job: give it to services that know such keys, and it happens once. */
  readonly idempotencyKey: string
  /** Which try this is, from 1. */
  readonly attempt: number
  /** Fires when going on is of no use: its time is over, the platform is about to end the isolate, or the lease is lost. */
  readonly signal: AbortSignal
}

export type StepOptions = {
  /** How often it is tried again by itself when it throws. Left out, the job is: it fails, and comes back by its own retries. */
  retries?: number
  /** How long to wait before its own retries: so long at first, then twice as long each time, an hour at most. Default 1 second. */
  backoff?: Duration
  /** How long a try may take. Longer is a failure. Say it of steps that take long: they then begin with enough time left. */
  timeout?: Duration
  /** Of its code. One that was done by another version is not taken for this one: the job is parked. */
  version?: string | number
}

export type MapOptions = StepOptions & {
  /** How many items at once. Default 1. */
  atOnce?: number
}

export type WaitForOptions = {
  /** How long to wait, or until when. Left out: without an end. */
  timeout?: Duration | Date
  /** What a wait that nothing came for gives: null (default), or a `WaitTimedOut` that it throws. */
  onTimeout?: 'null' | 'throw'
  /** Waits for signals that are sent by this key, as well as for those to the job. */
  key?: string
}

/** What a function does in parts that are remembered. */
export type Steps = {
  /**
   * Runs `work` once and remembers what it returns: the next attempt, or slice, of the job gets that without running it. What
   * it returns must survive JSON, and have at most 256 kB.
   */
  step<T>(name: string, work: (step: StepContext) => T | Promise<T>, options?: StepOptions): Promise<T>
  /** Frees the worker for so long, or until then. The function is called again, and finds its steps done. */
  sleep(name: string, until: Duration | Date): Promise<void>
  /** Frees the worker until `supaqueue.signal` sends this name to the job; gives what it carries. */
  waitFor<T = unknown>(name: string, options?: WaitForOptions): Promise<T | null>
  /** A step for each item, `atOnce` of them at once; shows on the job how many are done. Gives the results in the order of the items. */
  map<Item, T>(
    name: string,
    items: Iterable<Item>,
    work: (item: Item, step: StepContext & { readonly index: number }) => T | Promise<T>,
    options?: MapOptions,
  ): Promise<T[]>
}

/** What a call ends with when the job waits: it has been told to the database, and nothing else of it counts. */
const SUSPENDED = decide('later')

/** Whether a decision says that the call has already been ended. */
export const isSuspended = (decision: Decision): boolean => decision === SUSPENDED

// How long an isolate lives, unless the setting wall_clock_ms says otherwise; at nine tenths the platform warns.
const WALL_CLOCK_MS = 150_000
const WARNED_AT = 0.9

// What a call needs to say what came of it.
const MARGIN_MS = 1000

// No new step begins after this share of a call, so that one of twice that length still fits.
const BEGIN_WITHIN = 1 / 3

// A step that takes longer shows as running.
const SHOWN_AFTER_MS = 1000

// How long a step that is new waits for those that are known to be asked for: branches that run side by side come in any order.
const GRACE_MS = 2000

const LONGEST_BACKOFF_MS = 3_600_000

// 24 days.
const LONGEST_TIMER_MS = 2_147_483_647

const started = Date.now()
// As they are now: whoever tests with timers of their own does not stop these.
const { setTimeout, clearTimeout } = globalThis

type Ask = {
  readonly id: string
  readonly kind: StepRow['kind']
  readonly name: string
  readonly occurrence: number
  /** Of a map, from 1; else 0. */
  readonly item: number
  readonly version?: string
  readonly since: number
  place: number
  alone: boolean
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
}

/** What a step of a map adds to what is written when it is done, and when it may begin. */
type Within = { gate: Gate; stopped: () => boolean; along: (note: StepNote) => Along }
type Along = { steps: StepNote[]; progress?: ProgressNote }

type Work<T> = (step: StepContext) => T | Promise<T>

export type StepsOptions = {
  store: StepStore
  idempotencyKey: string
  signal: AbortSignal
  deps: Deps
  /** How long a step waits for known ones to be asked for before it, in milliseconds. */
  grace?: number
}

/**
 * The steps of one call. `around` runs the function: it ends with what that returns or throws, or as soon as the function has
 * nothing to do but to wait. Whoever waits then is never answered: no `catch` of the function's can take it for an error.
 */
export function openSteps({ store, idempotencyKey, signal, deps, grace = GRACE_MS }: StepsOptions): {
  steps: Steps
  around: (work: () => unknown, options?: { answered?: boolean }) => Promise<unknown>
} {
  const begunAt = deps.now()
  const recorder = makeRecorder(store)
  const rows = new Map<string, StepRow>()
  const asked = new Set<string>()
  const occurrences = new Map<string, number>()
  const longest = new Map<string, number>()
  /** What waits: for a time, a signal, or its own retries. */
  const opens = new Map<string, { entry: OpenStep; since: number; over: (row: StepRow) => void }>()
  /** Steps whose errors the function has been given in this call. */
  const thrown = new Map<string, StepNote>()
  const hits: { ended: number; settle: () => void }[] = []
  const listeners = new Set<() => void>()
  const quieted: (() => void)[] = []

  let loading: Promise<void> | undefined
  let callEndsAt = Infinity
  let isolateEndsAt = Infinity
  let lastPlace = 0
  /** Asked for and not answered; whether two ever were at once. */
  let unanswered = 0
  let overlapped = false
  /** What is being worked on, as opposed to what waits. */
  let underWay = 0
  let begun = 0
  let slice = false
  let closed = false
  let checking = false
  let suspending: Promise<void> | undefined
  let endWith: (decision: Decision) => void = () => {}
  let failWith: (reason: unknown) => void = () => {}

  return { steps: { step, sleep, waitFor, map }, around }

  async function around(work: () => unknown, { answered = false } = {}): Promise<unknown> {
    if (answered) callEndsAt = Infinity
    const ended = new Promise<Decision>((resolve, reject) => {
      endWith = resolve
      failWith = reject
    })
    ended.catch(() => {})
    let result: unknown
    let failure: { reason: unknown } | undefined
    try {
      result = await Promise.race([ended, Promise.resolve().then(work)])
    } catch (reason) {
      failure = { reason }
    }
    // It goes on in the background, with steps of its own.
    if (isDecision(result) && result.outcome === 'later' && result !== SUSPENDED) return result
    await suspending
    if (closed) return await ended
    closed = true
    await quiet()
    if (failure) throw failure.reason
    return isDecision(result) ? result : leftOut() ?? result
  }

  function step<T>(name: string, work: Work<T>, options: StepOptions = {}): Promise<T> {
    return enter<T>(
      'run',
      name,
      options.version,
      (ask, row) => row && isOver(row) ? settleLater(ask, row) : run(ask, row, work, options),
    )
  }

  function sleep(name: string, until: Duration | Date): Promise<void> {
    const when = whenOf('until', until)
    return enter<void>('sleep', name, undefined, (ask, row) => {
      if (row && isOver(row)) settleLater(ask, row)
      else open(ask, when, (over) => settleLater(ask, over))
    })
  }

  function waitFor<T>(name: string, { timeout, onTimeout = 'null', key }: WaitForOptions = {}): Promise<T | null> {
    const when = timeout === undefined ? {} : whenOf('timeout', timeout)
    return enter<T | null>('wait', name, undefined, (ask, row) => {
      const settle = (over: StepRow) =>
        settleLater(
          ask,
          over,
          over.status === 'timed_out' && onTimeout === 'throw' ? new WaitTimedOut(name) : undefined,
        )
      if (row && isOver(row)) settle(row)
      else open(ask, { ...when, ...(key !== undefined && { key }) }, settle)
    })
  }

  function map<Item, T>(
    name: string,
    items: Iterable<Item>,
    work: (item: Item, step: StepContext & { readonly index: number }) => T | Promise<T>,
    { atOnce = 1, ...options }: MapOptions = {},
  ): Promise<T[]> {
    const list = [...items]
    if (!(Number.isInteger(atOnce) && atOnce > 0)) {
      return Promise.reject(
        new SupaqueueError('SQ422', 'atOnce is not a number of items', 'For five at once: { atOnce: 5 }.'),
      )
    }
    return enter<T[]>('map', name, options.version, async (ask, row) => {
      const fingerprint = fingerprintOf(list)
      if (row && row.items !== list.length) {
        return park(
          `the map ${nameOf(ask)} began with ${row.items} items and now has ${list.length}: they must stay the same. ${
            adviceOn(row)
          }`,
        )
      }
      if (row?.fingerprint !== undefined && row.fingerprint !== fingerprint) {
        return park(
          `the map ${
            nameOf(ask)
          } began with other items than it is now given, or in another order: they must stay the same, ` +
            `so let a step bring them. ${adviceOn(row)}`,
        )
      }
      const children = list.map((_, index) => {
        const item = index + 1
        return { ...ask, kind: 'run' as const, item, id: idOf({ ...ask, item }) }
      })
      const other = children.map((child) => rows.get(child.id) && mismatchOf(child, rows.get(child.id)!)).find(Boolean)
      if (other) return park(other)
      const results = children.map(({ id }) => rows.get(id)?.result)
      if (row?.status === 'done') return settleLater(ask, { ...row, result: results })

      const own = (status: 'running' | 'done') =>
        noteOf(ask, { status, attempt: 1, items: list.length, fingerprint, ms: since(ask) })
      const gate = makeGate(atOnce)
      let isShown = row !== undefined
      let stopped = false
      let broken: { reason: unknown } | undefined
      let done = children.filter(({ id }) => rows.get(id)?.status === 'done').length
      const along = ({ status, after_ms }: StepNote): Along => {
        const steps = isShown ? [] : [own('running')]
        isShown = true
        if (status !== 'done') {
          stopped ||= after_ms === undefined
          return { steps }
        }
        done++
        const percent = Math.round(10_000 * done / list.length) / 100
        return { steps, progress: { percent, note: `${name}: ${done} of ${list.length}` } }
      }

      // From here on its items are what is worked on.
      underWay--
      await Promise.all(children.map(async (child, index) => {
        const seen = rows.get(child.id)
        if (seen?.status === 'done') return
        if (seen?.status === 'given_up') {
          stopped = true
          broken ??= { reason: new StepFailed(nameOf(child), seen.error ?? 'it failed') }
        }
        if (broken || stopped) return
        underWay++
        try {
          results[index] = await new Promise((resolve, reject) => {
            const asking: Ask = { ...child, since: deps.now(), resolve, reject }
            run(asking, seen, (context) => work(list[index]!, { ...context, index }), options, {
              gate,
              along,
              stopped: () => stopped,
            }).catch((reason) => leave(asking, () => reject(reason)))
          })
        } catch (reason) {
          broken ??= { reason }
        }
      }))
      underWay++
      if (broken) {
        for (const { id } of children) if (rows.get(id)?.status === 'failed') thrown.set(id, noteOfRow(rows.get(id)!))
        return leave(ask, () => ask.reject(broken!.reason))
      }
      await record(own('done'))
      rows.set(ask.id, rowOf(own('done')))
      leave(ask, () => ask.resolve(results))
    })
  }

  /** Asks for a step: which one of its name it is, whether it is known, and whether it is its turn. */
  function enter<T>(
    kind: Ask['kind'],
    name: string,
    version: string | number | undefined,
    go: (ask: Ask, row: StepRow | undefined) => void | Promise<void>,
  ): Promise<T> {
    if (typeof name !== 'string' || name.length === 0 || name.length > 200) {
      return Promise.reject(
        new SupaqueueError('SQ422', 'a step has a name of 1 to 200 characters', "As in job.step('charge', () => ...)."),
      )
    }
    // The call has ended, or is about to.
    if (closed) return new Promise(() => {})
    const occurrence = (occurrences.get(name) ?? 0) + 1
    occurrences.set(name, occurrence)
    const id = idOf({ name, occurrence, item: 0 })
    asked.add(id)
    if (unanswered++ > 0) overlapped = true
    underWay++
    return new Promise<T>((resolve, reject) => {
      const ask: Ask = {
        id,
        kind,
        name,
        occurrence,
        item: 0,
        place: 0,
        alone: !overlapped,
        since: deps.now(),
        resolve: resolve as Ask['resolve'],
        reject,
        ...(version !== undefined && { version: String(version) }),
      }
      begin(ask).catch((reason) => leave(ask, () => reject(reason)))
    })

    async function begin(ask: Ask): Promise<void> {
      await (loading ??= load())
      listeners.forEach((hear) => hear())
      if (closed) return leave(ask)
      assertLease()
      const row = rows.get(id)
      const other = row && mismatchOf(ask, row)
      if (other) return park(other)
      ask.alone = row ? row.alone === true : ask.alone && !overlapped
      ask.place = row ? row.place : ++lastPlace
      const missing = await missingBefore(row)
      if (closed) return leave(ask)
      if (missing) return park(outOfTurn(ask, row, missing))
      await go(ask, row)
    }
  }

  async function load(): Promise<void> {
    const { steps, left_ms, wall_clock_ms } = await recorder.load()
    const now = deps.now()
    for (const row of steps) {
      // What it still waits was said at this moment.
      rows.set(idOf(row), row)
      lastPlace = Math.max(lastPlace, row.place)
      if (row.item === 0 && !row.alone) overlapped = true
      if (row.ms) longest.set(row.name, Math.max(longest.get(row.name) ?? 0, row.ms))
    }
    if (left_ms !== null) callEndsAt = now + left_ms - MARGIN_MS
    if (livesInIsolate()) isolateEndsAt = started + (wall_clock_ms ?? WALL_CLOCK_MS) * WARNED_AT - MARGIN_MS
  }

  /** Whether there is time for one more step. The first of a call begins in any case: the next call would have no more. */
  function mayBegin({ name, id }: Ask, timeout: number | undefined): boolean {
    if (signal.aborted) return false
    if (begun === 0) return true
    const end = Math.min(callEndsAt, isolateEndsAt)
    if (end === Infinity) return true
    // Its last call died while it was under way: it gets one of its own.
    if (rows.get(id)?.status === 'running') return false
    const now = deps.now()
    const need = timeout ?? 1.5 * (longest.get(name) ?? 0)
    return now - begunAt <= (end - begunAt) * BEGIN_WITHIN && end - now >= need
  }

  async function run<T>(
    ask: Ask,
    row: StepRow | undefined,
    work: Work<T>,
    options: StepOptions,
    within?: Within,
  ): Promise<void> {
    const timeout = options.timeout === undefined ? undefined : durationOf('timeout', options.timeout)
    const backoff = durationOf('backoff', options.backoff ?? 1000)
    const again = (over: StepRow) => {
      run(ask, over, work, options, within).catch((reason) => leave(ask, () => ask.reject(reason)))
    }
    // Its own retries are not due yet.
    if (row?.status === 'failed' && (row.left_ms ?? 0) > 0) return open(ask, {}, again)

    await within?.gate.enter()
    try {
      if (closed) return leave(ask)
      if (within?.stopped()) return leave(ask, () => ask.reject(new Error('not begun')))
      assertLease()
      if (!mayBegin(ask, timeout)) {
        slice = true
        return leave(ask)
      }
      begun++
      await rememberThrown()
      const { note, settle } = await tryOnce(ask, (row?.attempts ?? 0) + 1, work, {
        timeout,
        backoff,
        retries: options.retries,
      })
      await record(note, within?.along(note))
      rows.set(ask.id, rowOf(note))
      if (settle === undefined) return open(ask, {}, again)
      // What a map throws is known when it does.
      if (note.status === 'failed' && ask.item === 0) thrown.set(ask.id, note)
      leave(ask, settle)
    } finally {
      within?.gate.leave()
    }
  }

  async function tryOnce<T>(
    ask: Ask,
    attempt: number,
    work: Work<T>,
    { timeout, backoff, retries }: { timeout?: number; backoff: number; retries?: number },
  ): Promise<Tried> {
    const begunAt = deps.now()
    const controller = new AbortController()
    const abort = () => controller.abort(signal.reason)
    signal.addEventListener('abort', abort)
    const timers = [
      // Whether it arrives is of no matter: it only shows.
      setTimeout(() => void record(note('running')).catch(() => {}), SHOWN_AFTER_MS),
    ]
    try {
      const inTime = timeout === undefined ? [] : [
        new Promise<never>((_, reject) => {
          timers.push(setTimeout(() => {
            const reason = new Error(`it took longer than ${timeout} ms`)
            controller.abort(reason)
            reject(reason)
          }, Math.min(timeout, LONGEST_TIMER_MS)))
        }),
      ]
      const context = { idempotencyKey: keyOf(ask), attempt, signal: controller.signal }
      const returned = await Promise.race([Promise.resolve().then(() => work(context)), ...inTime])
      if (isDecision(returned)) throw returned
      const { value } = plain(nameOf(ask), returned)
      longest.set(ask.name, Math.max(longest.get(ask.name) ?? 0, deps.now() - begunAt))
      return { note: note('done', value === undefined ? {} : { result: value }), settle: () => ask.resolve(value) }
    } catch (reason) {
      const error = isDecision(reason) ? `it said ${reason.outcome}` : reasonOf(reason)
      // It says what is to become of the job.
      if (
        isDecision(reason) || reason instanceof KillError || reason instanceof RetryError || reason instanceof LeaseLost
      ) {
        return { note: note('failed', { error }), settle: () => ask.reject(reason) }
      }
      // Another try would do its work again, and bring the same.
      if (reason instanceof SupaqueueError && NOT_KEPT.has(reason.code)) {
        return {
          note: note('given_up', { error }),
          settle: () => ask.reject(new KillError(`${reason.message}. ${reason.hint}`)),
        }
      }
      if (retries !== undefined && attempt <= retries) {
        return { note: note('failed', { error, after_ms: Math.min(backoff * 2 ** (attempt - 1), LONGEST_BACKOFF_MS) }) }
      }
      const status = retries === undefined ? 'failed' : 'given_up'
      return { note: note(status, { error }), settle: () => ask.reject(new StepFailed(nameOf(ask), error, reason)) }
    } finally {
      timers.forEach(clearTimeout)
      signal.removeEventListener('abort', abort)
    }

    function note(status: StepNote['status'], more: Partial<StepNote> = {}): StepNote {
      return noteOf(ask, { status, attempt, ms: Math.max(0, Math.round(deps.now() - begunAt)), ...more })
    }
  }

  function keyOf({ name, occurrence, item }: Ask): string {
    const numbers = item > 0 ? [occurrence, item] : occurrence > 1 ? [occurrence] : []
    return [idempotencyKey, encodeURIComponent(name), ...numbers].join('-')
  }

  /** The function was given errors and goes on: they are remembered, so that it takes the same way again. */
  async function rememberThrown(): Promise<void> {
    const caught = [...thrown.values()].map((note): StepNote => ({ ...note, status: 'given_up' }))
    thrown.clear()
    for (const note of caught) rows.set(idOf(note), rowOf(note))
    await Promise.all(caught.map((note) => record(note)))
  }

  function record(note: StepNote, along?: Along): Promise<void> {
    return recorder.note([...(along?.steps ?? []), note], along?.progress)
  }

  function since(ask: Ask): number {
    return Math.max(0, Math.round(deps.now() - ask.since))
  }

  function open(ask: Ask, more: Partial<OpenStep>, over: (row: StepRow) => void): void {
    const { name, occurrence, item, place, alone } = ask
    const kind = ask.kind === 'map' ? 'run' : ask.kind
    opens.set(ask.id, { entry: { name, occurrence, item, kind, place, alone, ...more }, since: ask.since, over })
    leave(ask)
  }

  /** Gives what is known: in the order in which it ended, so that a race has the same winner again. */
  function settleLater(ask: Ask, row: StepRow, error?: unknown): void {
    const settle = () =>
      leave(ask, () => {
        if (error !== undefined) ask.reject(error)
        else if (row.status === 'given_up') ask.reject(new StepFailed(nameOf(ask), row.error ?? 'it failed'))
        else ask.resolve(row.status === 'timed_out' ? null : row.result)
      })
    hits.push({ ended: row.ended ?? Infinity, settle })
    if (hits.length > 1) return
    queueMicrotask(() => hits.splice(0).sort((one, other) => one.ended - other.ended).forEach((hit) => hit.settle()))
  }

  /** It is not worked on any more: it is answered, or waits. */
  function leave(ask: Ask, settle?: () => void): void {
    underWay--
    if (settle && ask.item === 0) unanswered--
    settle?.()
    check()
  }

  function assertLease(): void {
    if (signal.reason instanceof LeaseLost) throw signal.reason
  }

  /** The first step that is known, should have been asked for before this one, and was not within the grace. */
  async function missingBefore(row: StepRow | undefined): Promise<StepRow | undefined> {
    const missing = () =>
      [...rows.values()]
        .filter((other) => other.item === 0 && !asked.has(idOf(other)))
        // Where two were under way at once, they come in any order; but nothing new before what is known.
        .filter((other) => !row || (row.alone && other.alone && other.place < row.place))
        .sort((one, other) => one.place - other.place)[0]
    if (!missing()) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        listeners.delete(hear)
        resolve()
      }
      const hear = () => void ((closed || !missing()) && done())
      const timer = setTimeout(done, grace)
      listeners.add(hear)
    })
    return missing()
  }

  function leftOut(): Decision | undefined {
    const row = [...rows.values()].find((row) => row.item === 0 && !asked.has(idOf(row)))
    return row &&
      decisions.park(`the step ${nameOf(row)} ran, and the function ended without it: was it removed? ${adviceOn(row)}`)
  }

  /** Ends the call: the job is held until somebody has looked. */
  function park(reason: string): void {
    underWay--
    if (closed) return check()
    closed = true
    void quiet().then(() => endWith(decisions.park(reason)))
  }

  /** When the function has had its turn and has nothing to do but to wait, its call ends. */
  function check(): void {
    if (checking) return
    checking = true
    setTimeout(() => {
      checking = false
      if (underWay > 0) return
      quieted.splice(0).forEach((hear) => hear())
      if (closed || suspending || opens.size === 0 && !slice) return
      suspending = suspend().catch((reason) => {
        closed = true
        failWith(reason)
      }).finally(() => {
        suspending = undefined
        check()
      })
    }, 0)
  }

  async function suspend(): Promise<void> {
    await rememberThrown()
    const entries = [...opens.values()].map(({ entry, since }) =>
      entry.after_ms === undefined ? entry : { ...entry, after_ms: Math.max(0, entry.after_ms - (deps.now() - since)) }
    )
    const answer = await recorder.suspend(entries, slice)
    if (answer.suspended) {
      closed = true
      return endWith(SUSPENDED)
    }
    for (const row of answer.steps) {
      const id = idOf(row)
      const waited = opens.get(id)
      if (!waited) continue
      rows.set(id, row)
      opens.delete(id)
      underWay++
      waited.over(row)
    }
  }

  /** When nothing is worked on any more. */
  function quiet(): Promise<void> {
    listeners.forEach((hear) => hear())
    if (underWay === 0) return Promise.resolve()
    return new Promise((resolve) => {
      quieted.push(resolve)
      check()
    })
  }
}

/** What a try came to: what is written of it, and how it is answered; unanswered, it is tried again. */
type Tried = { note: StepNote; settle?: () => void }

const NOT_KEPT = new Set(['SQ413', 'SQ422'])

const isOver = ({ status }: StepRow): boolean => status === 'done' || status === 'given_up' || status === 'timed_out'

const idOf = ({ name, occurrence, item }: Pick<StepRow, 'name' | 'occurrence' | 'item'>): string =>
  JSON.stringify([name, occurrence, item])

const nameOf = ({ name, occurrence, item }: Pick<StepRow, 'name' | 'occurrence' | 'item'>): string =>
  `${name}${occurrence > 1 ? ` (${occurrence}.)` : ''}${item > 0 ? ` [${item - 1}]` : ''}`

function noteOf(ask: Ask, more: Pick<StepNote, 'status' | 'attempt'> & Partial<StepNote>): StepNote {
  const { name, occurrence, item, place, alone, version } = ask
  const kind = ask.kind === 'map' ? 'map' : 'run'
  return { name, occurrence, item, kind, place, alone, ms: 0, ...(version !== undefined && { version }), ...more }
}

/** A step as it is known once that was noted. */
function rowOf({ attempt, after_ms, ...note }: StepNote): StepRow {
  return { ...note, attempts: attempt, ...(after_ms !== undefined && { left_ms: after_ms }) }
}

function noteOfRow({ attempts = 1, left_ms: _, ended: __, ...row }: StepRow): StepNote {
  return {
    ...row,
    kind: row.kind === 'map' ? 'map' : 'run',
    status: 'failed',
    attempt: attempts,
    alone: row.alone === true,
    ms: row.ms ?? 0,
  }
}

const KINDS = { run: 'a step', map: 'a map', sleep: 'a sleep', wait: 'a wait' }

/** Why a known step is not the one that is asked for. */
function mismatchOf(ask: Ask, row: StepRow): string | undefined {
  if (row.kind !== ask.kind) {
    return `${nameOf(row)} was ${KINDS[row.kind]}, and the function now asks for ${KINDS[ask.kind]} of that name. ${
      adviceOn(row)
    }`
  }
  if (isOver(row) && row.version !== ask.version) {
    const version = ({ version }: { version?: string }) => version === undefined ? 'no version' : `version ${version}`
    return `the step ${nameOf(row)} ran with ${version(row)}, and the function now asks for it with ${version(ask)}. ${
      adviceOn(row)
    }`
  }
}

function outOfTurn(ask: Ask, row: StepRow | undefined, missing: StepRow): string {
  const [name, other] = [nameOf(ask), nameOf(missing)]
  const what = row
    ? `the function asks for the step ${name} before the step ${other}, and ran them the other way round: were they reordered?`
    : `the function asks for the step ${name}, which is new, before the step ${other}, which ran: was that renamed, removed or reordered?`
  return `${what} ${adviceOn(missing)}`
}

const adviceOn = ({ name }: StepRow): string =>
  `Deploy a function that runs its steps as before, then release the job; or have them run again: select supaqueue.forget_steps(job, '${
    name.replaceAll("'", "''")
  }')`

/** Tells the items of a map, in their order, from others. Of what is no JSON only that it is there. */
function fingerprintOf(items: unknown[]): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57]
  for (const item of items) {
    const text = `${textOf(item)}\n`
    for (let n = 0; n < text.length; n++) {
      const code = text.charCodeAt(n)
      one = Math.imul(one ^ code, 2654435761)
      other = Math.imul(other ^ code, 1597334677)
    }
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/** The same for what is the same, whatever the order of its keys. */
function textOf(item: unknown): string {
  try {
    return JSON.stringify(item, (_, value) => {
      if (ArrayBuffer.isView(value)) return value.byteLength
      if (typeof value === 'bigint') return `${value}n`
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
    }) ?? typeof item
  } catch {
    return typeof item
  }
}

function whenOf(name: string, when: Duration | Date): Pick<OpenStep, 'at' | 'after_ms'> {
  if (when instanceof Date || (typeof when === 'string' && /^\d{4}-/.test(when))) return { at: timeOf(when) }
  return { after_ms: durationOf(name, when) }
}

type Gate = { enter(): Promise<void>; leave(): void }

/** Lets so many in at once, in the order in which they came. */
function makeGate(most: number): Gate {
  const waiting: (() => void)[] = []
  let inside = 0
  return {
    async enter() {
      if (inside < most) inside++
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    leave() {
      const next = waiting.shift()
      if (next) next()
      else inside--
    },
  }
}
