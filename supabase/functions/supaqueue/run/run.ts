import { type After, makeBell } from './signal.ts'
import { makeBudget } from './budget.ts'
import type { Call, Called } from '../call/call.ts'
import { type Log, makeComplain } from './warn.ts'
import type { TakeTurn } from '../turn/database.ts'
import { makeLanes } from './calls.ts'
import { type Limits, readLimits } from './limits.ts'
import { asTurnError, makePatience } from './backoff.ts'
import { makeReports } from './reports.ts'
import { newTally, type Summary } from './counts.ts'
import type { Claim, QueueRow, Secrets, TurnAnswer, TurnRequest } from '../turn/turn.ts'

/** Everything a run touches. Times are milliseconds on one clock that never jumps. */
export type World = {
  takeTurn: TakeTurn
  caller: (queue: QueueRow, secrets?: Secrets | null) => Call
  now: () => number
  after: After
  random: () => number
  log: Log
  /** What the runs of one isolate share: its birth, and the limits they last heard of. */
  isolate: { bornAt: number; limits: Limits }
}

export type Run = {
  /** Settles when the run is over. */
  ended: Promise<Summary>
  /** The isolate is about to end: give back what was not begun, and report what is done, in one last turn. */
  unload(): void
}

// With so many calls in hand, results come in crowds: a short wait brings several of them into one turn.
const GATHER_FROM = 20

// The database learns of a call only when it lasts longer: most are reported by then, and need no word of their own.
const TELL_AFTER_MS = 10

// What one turn may bring, in bytes of payload: about a third of a second of the database's eight.
const MOST_BYTES = 4_000_000
const LEAST_BYTES = 65_536
const LEAST_SHARE = 1 / 256

// A job that has just come is often followed by another. After so long without one, looking less often will do: looks
// that find nothing are paid for, too.
const BRISK_MS = 100

// The pulse of a keeper lasts five seconds.
const MOST_WAIT_MS = 2000

// What a lost answer brought is worth asking for until then. Afterwards the sweep has given it back.
const CLAIM_LEASE_MS = 15_000

/**
 * Serves one queue until there is nothing left for it to do, or its budget ends.
 *
 * Turn after turn: reports in, next jobs out. What calls bring during a turn goes with the next one; only when the run
 * would stand idle does a second turn set out beside the first. Between two turns the run waits for a result, or for
 * the time to look again.
 */
export function startRun({ run, queue }: { run: string; queue: string }, world: World): Run {
  const { now, isolate } = world
  const startedAt = now()
  const bell = makeBell(world.after)
  const reports = makeReports(now)
  const lanes = makeLanes(now, receive)
  const budget = makeBudget({ bornAt: isolate.bornAt, now, limits: isolate.limits, timeoutMs: 60_000 })
  const patience = makePatience(world)
  const complain = makeComplain(world.log, { run, queue })
  const tally = newTally()

  let limits = isolate.limits
  // What the database said last.
  let heard: Pick<TurnAnswer, 'state' | 'keeper' | 'wait_ms'> = { state: 'awake', keeper: false }
  // What the database is known to have been told.
  const told = { hello: false, stop: false }
  // How much of the usual a turn may bring: halved by each one that is refused, doubled by each one that is answered.
  let share = 1
  // An answer was lost, and no turn since has asked what it brought.
  let lost = false
  // The turn of the walk that is under way, and the one beside it.
  let abroad: TurnRequest | undefined
  let beside: { request: TurnRequest; ended: Promise<void> } | undefined
  // When something last came or went, and when the last turn began.
  let busyAt = startedAt
  let turnedAt = startedAt
  let unloading = false

  return {
    ended: walk(),
    unload() {
      budget.close('unload')
      unloading = true
      bell.ring()
    },
  }

  async function walk(): Promise<Summary> {
    do {
      // What the run holds can only be told while nothing is on its way to it, and that it ends only as the last word.
      if (lost || isClosed() || budget.endsSoon()) await beside?.ended
      abroad = compose()
      turnedAt = now()
      await take(abroad)
      abroad = undefined
    } while (!isOver() && await nextTurn())

    const reason = patience.failures() > 0 ? 'database away' : budget.closed() ?? heard.state
    return { run, queue, reason, ms: Math.round(now() - startedAt), ...tally }
  }

  // The turn

  async function take(request: TurnRequest): Promise<void> {
    tally.turns++
    budget.spendTurn()
    const answer = await world.takeTurn(request).catch((reason) => endure(request, reason))
    if (answer) learn(request, answer)
  }

  /** Sends a second turn with what has come, when nothing else will come before the first one is answered. */
  function takeBeside(): void {
    // Not beside one that may put the queue to sleep: nobody would know which of the two came last.
    if (!abroad || abroad.sleepy || beside || lost) return
    if (lanes.busy() > 0 || !told.hello || isClosed() || budget.endsSoon()) return
    const request = compose()
    const ended = take(request).finally(() => {
      beside = undefined
      // The walk may be waiting for nothing else.
      bell.ring()
    })
    beside = { request, ended }
  }

  function compose(): TurnRequest {
    // Whatever rang until now is in the reports; another turn for it would be idle.
    bell.hush()
    unloading = false
    const due = reports.take(patience.failures())
    const stop = isClosed()
    // In every turn from then on, or the run would become the keeper again before its successor is there.
    const retire = !stop && budget.endsSoon()
    const quiet = due.length === 0 && !beside && now() - busyAt >= limits.linger_ms
    // Whatever else is under way may fill the room that it was sent with.
    const promised = (abroad?.room ?? 0) + (beside?.request.room ?? 0)
    return {
      run,
      queue,
      reports: due,
      room: Math.max(0, Math.min(mostAtOnce(), limits.lanes - lanes.busy() - promised, budget.jobsLeft() - promised)),
      sleepy: !stop && !retire && heard.keeper && heard.state === 'awake' && quiet,
      stop,
      retire,
      // The lost answer may have held jobs: the database finds them by what is missing here.
      have: lost ? [...lanes.tokens(), ...reports.tokens()] : null,
      called: lanes.untold(stop ? 0 : TELL_AFTER_MS),
      max_bytes: Math.max(LEAST_BYTES, Math.floor(MOST_BYTES * share)),
      hello: !told.hello,
    }
  }

  function learn(request: TurnRequest, answer: TurnAnswer): void {
    if (request.have || !lost) patience.relax()
    share = Math.min(1, share * 2)
    lanes.tell(request.called)
    if (request.have) lost = false
    heard = answer
    told.hello = true
    told.stop = request.stop
    if (answer.settings) heed(answer.settings)
    reports.settle(request.reports, answer.again)
    // After a lost turn stale reports are the rule: they had arrived with it.
    if (answer.stale.length > 0 && !request.have) complain(tooLate(answer.stale.length))
    if (answer.queue) begin(answer.queue, answer.jobs, answer.secrets)
  }

  /** A turn without an answer: nothing is forgotten, and the next one asks what came of it. */
  function endure(request: TurnRequest, reason: unknown): void {
    const error = asTurnError(reason)
    lost = true
    share = Math.max(share / 2, LEAST_SHARE)
    reports.keep(request.reports)
    patience.fail(error.passing)
    complain(error)
  }

  function heed(settings: Record<string, string>): void {
    const read = readLimits(settings)
    limits = isolate.limits = read.limits
    budget.suit(limits)
    if (read.unusable.length > 0) complain(unusable(read.unusable))
  }

  // The calls

  function begin(row: QueueRow, claims: Claim[], secrets: TurnAnswer['secrets']): void {
    budget.suit(limits, row.timeout_ms)
    const call = world.caller(row, secrets)
    let cameLate = false
    for (const claim of claims) {
      const token = claim.current_job.id
      if (lanes.has(token) || reports.has(token)) continue
      busyAt = now()
      // The isolate would end before a call that may take so much longer than the others.
      const isLate = !budget.carries(claim.job.timeout_ms ?? row.timeout_ms)
      // A claim never waits in here for a lane: its lease would run, and other runs may have room.
      if (isLate || isClosed() || lanes.busy() >= limits.lanes) {
        reports.add({ token, outcome: 'not_run', retry_after_ms: 0 })
        cameLate ||= isLate
        continue
      }
      budget.spendJob()
      tally.jobs++
      lanes.begin(claim, call)
    }
    // The next run has the time for it; this one would only be given it again.
    if (cameLate) budget.close('age')
  }

  function receive(token: string, { outcome, chainSpent }: Called): void {
    reports.add({ token, ...outcome })
    tally[outcome.outcome]++
    if (chainSpent) budget.close('rate limit')
    busyAt = now()
    bell.ring()
    takeBeside()
  }

  // The time between two turns

  function isOver(): boolean {
    const idle = lanes.busy() === 0 && reports.isEmpty() && !beside
    if (patience.failures() > 0) {
      return idle ? isClosed() && patience.lastingMs() > CLAIM_LEASE_MS : patience.lastingMs() > limits.wall_clock_ms
    }
    return idle && (heard.state !== 'awake' || (isClosed() && told.stop))
  }

  /** Waits until the next turn is due; false when the run is over before. */
  async function nextTurn(): Promise<boolean> {
    // What rings need not be a reason for a turn: the one beside may just have ended.
    for (let ms = dueIn(); ms !== 0 && patience.failures() === 0; ms = dueIn()) {
      const rang = await bell.wait(ms)
      if (isOver()) return false
      if (!rang) break
    }
    if (patience.failures() > 0) await rest(patience.retryMs())
    else if (reports.dueIn() === 0) await rest(gatherMs())
    return true
  }

  /** Milliseconds until the next turn; undefined when only a result can make one. */
  function dueIn(): number | undefined {
    if (isClosed() && !told.stop) return 0
    // The keeper looks for the whole queue. Another run looks once more when its calls are done, to be told to leave.
    // Not while a turn is under way: the worker that it frees would be invisible to the look.
    const looks = !isClosed() && !beside && heard.state === 'awake' && (heard.keeper || lanes.busy() === 0)
    // Soon, since until then a call does not count that a dead dispatcher has made.
    const tells = beside ? undefined : lanes.untoldIn(TELL_AFTER_MS)
    const times = [looks ? pollIn() : undefined, reports.dueIn(), tells].filter((ms) => ms !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Counted from the beginning of the last turn, so that slow turns do not make the looks rarer. */
  function pollIn(): number {
    const pace = now() - busyAt < BRISK_MS ? limits.poll_ms : limits.poll_ms * 1.5
    // No look is of use before; but the queue has to be kept awake.
    const wait = Math.min(heard.wait_ms ?? 0, MOST_WAIT_MS)
    return Math.max(0, turnedAt + Math.max(pace, wait) - now())
  }

  /** How many jobs a turn may bring: fewer after one that was refused. */
  function mostAtOnce(): number {
    return Math.max(1, Math.ceil(limits.lanes * share))
  }

  /** How long to wait for more results before they are reported. */
  function gatherMs(): number {
    if (budget.closed() === 'unload') return 0
    // Every turn of a run that stops calls a successor: a few turns will do.
    if (told.stop) return limits.poll_ms
    return lanes.busy() + reports.tokens().length >= GATHER_FROM ? limits.gather_ms : 0
  }

  /** Waits, whatever results come; only the end of the isolate cuts it short. */
  async function rest(ms: number): Promise<void> {
    const until = now() + ms
    while (now() < until && !unloading) await bell.wait(until - now())
  }

  function isClosed(): boolean {
    return budget.closed() !== undefined
  }
}

const tooLate = (count: number) => ({
  code: 'SQ409',
  message: `${count} reports came too late and changed nothing`,
  hint: 'Their leases had run out, or somebody ended their current jobs. Do calls outlast the timeout of the queue?',
})

const unusable = (names: string[]) => ({
  code: 'SQ422',
  message: `supaqueue.setting: the default holds for ${names.join(', ')}, whose value cannot be used`,
  hint: 'What each setting may be: README of the edge function supaqueue.',
})
