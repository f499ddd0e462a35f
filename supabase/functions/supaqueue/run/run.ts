import type { Call, Called } from '../call/call.ts'
import type { TakeTurn } from '../turn/transport.ts'
import type { QueueRow, Secrets, TurnRequest } from '../turn/turn.ts'
import type { Summary } from '../log/counts.ts'
import { compose, gathers, mayTurnBeside, mustBeAlone, next, pauseBefore } from './decide.ts'
import { fail, heed, learn, receiveJobs } from './learn.ts'
import type { Limits } from '../settings/limits.ts'
import { type After, makeSignal } from '../util/signal.ts'
import { newState, type Situation, situationOf, TELL_AFTER_MS } from './state.ts'
import { type Log, makeWarn } from '../log/warn.ts'

/** Everything a run touches. Times are milliseconds on one clock that never jumps. */
export type Deps = {
  takeTurn: TakeTurn
  caller: (queue: QueueRow, secrets?: Secrets | null) => Call
  now: () => number
  after: After
  random: () => number
  log: Log
  /** What the runs of one isolate share: its birth, and the limits they last heard of. */
  isolate: { bornAt: number; limits: Limits }
  /** What holds in here, whatever the settings say. */
  own?: Partial<Limits>
  /** Whether the run is told of jobs, at this moment: whoever hears of some calls `nudge`. */
  hears?: () => boolean
}

export type Run = {
  /** Settles when the run is over. */
  ended: Promise<Summary>
  /** The isolate is about to end: give back what was not begun, and report what is done, in one last turn. */
  unload(): void
  /** There may be work: look now, though it was said that there is none. */
  nudge(): void
}

/**
 * Serves one queue until there is nothing left for it to do, or its budget ends.
 *
 * Turn after turn: reports in, next jobs out. What calls bring during a turn goes with the next one; only when the run
 * would stand idle does a second turn set out beside the first. Between two turns the run waits for a result, or for
 * the time to look again. What it knows is in `state.ts`, what it does next in `decide.ts`, what it learns in `learn.ts`.
 */
export function startRun(of: { run: string; queue: string }, { isolate, now, ...deps }: Deps): Run {
  const startedAt = now()
  const state = newState({ ...isolate, now, random: deps.random, onEnd: receiveOutcomes })
  const { calls, reports, budget, failedTurns, counts } = state
  const warn = makeWarn(deps.log, of)
  const signal = makeSignal(deps.after)
  const look = (): Situation => situationOf(state, now(), deps.hears?.() ?? false)
  let besideEnded: Promise<void> | undefined

  return { ended: serve(), unload, nudge }

  async function serve(): Promise<Summary> {
    await turn()
    for (;;) {
      const step = next(look())
      if (step.do === 'end') return { ...of, reason: step.reason, ms: Math.round(now() - startedAt), ...counts }
      // What notifies need not be a reason for a turn: the one beside may just have ended.
      if (step.do === 'wait' && await signal.wait(step.ms)) continue
      await rest(pauseBefore(look()))
      await rest(state.limits.gather_ms, () => gathers(look()))
      await turn()
    }
  }

  async function turn(): Promise<void> {
    if (mustBeAlone(look())) await besideEnded
    state.turn = setOut()
    state.turnedAt = now()
    await take(state.turn)
    state.turn = undefined
    // Counted from the answer: a turn that comes too early is one more.
    if (state.heard.back_in_ms) state.turnedAt = now()
  }

  function turnBeside(): void {
    state.beside = setOut()
    besideEnded = take(state.beside).finally(() => {
      state.beside = besideEnded = undefined
      // The walk may be waiting for nothing else.
      signal.notify()
    })
  }

  function setOut(): TurnRequest {
    // What happened until now is in the reports; another turn for it would be idle.
    signal.forget()
    state.crossed = Boolean(state.turn ?? state.beside)
    state.unloading = false
    state.lingers ||= state.nudged
    state.nudged = false
    const now = look()
    const called = calls.untold(now.closed ? 0 : TELL_AFTER_MS)
    const tokens = [...calls.tokens(), ...reports.tokens()]
    return compose(now, { ...of, reports: reports.take(failedTurns.count()), called, tokens, turns: ++counts.turns })
  }

  async function take(request: TurnRequest): Promise<void> {
    budget.spendTurn()
    const answer = await deps.takeTurn(request).catch((reason) => fail(state, request, reason, warn))
    if (!answer) return
    learn(state, request, answer, warn)
    if (answer.settings) isolate.limits = heed(state, answer.settings, deps.own, warn)
    const { queue, jobs, secrets } = answer
    if (!queue) return
    const call = deps.caller(queue, secrets)
    receiveJobs(state, { queue, jobs, now: now(), start: (claims) => calls.begin(claims, call) })
  }

  function receiveOutcomes(tokens: string[], { outcomes, chainSpent }: Called): void {
    for (const [i, outcome] of outcomes.entries()) {
      reports.add({ token: tokens[i]!, ...outcome }, 1 / tokens.length)
      counts[outcome.outcome]++
    }
    if (chainSpent) budget.close('rate limit')
    state.busyAt = now()
    signal.notify()
    if (mayTurnBeside(look())) turnBeside()
  }

  /** Waits while `goesOn`: by default whatever results come, until the isolate ends. */
  async function rest(ms: number, goesOn = () => !state.unloading): Promise<void> {
    for (const until = now() + ms; now() < until && goesOn();) await signal.wait(until - now())
  }

  function nudge(): void {
    state.nudged = true
    signal.notify()
  }

  function unload(): void {
    budget.close('unload')
    state.unloading = true
    signal.notify()
  }
}
