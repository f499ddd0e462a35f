import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { batchOf } from '../message/headers.ts'
import { timeoutOf } from '../call/call.ts'
import { turnError } from '../turn/transport.ts'
import type { Claim, QueueRow, TurnAnswer, TurnRequest } from '../turn/turn.ts'
import { type Limits, readLimits } from '../settings/limits.ts'
import { holds, type State } from './state.ts'
import type { Warn } from '../log/warn.ts'

// What a turn's answer, or the lack of one, changes in what a run knows.

const LEAST_SHARE = 1 / 256

/** An answer: what it confirms is done with. */
export function learn(state: State, request: TurnRequest, answer: TurnAnswer, warn: Warn): void {
  const { failedTurns, calls, reports } = state
  if (request.have || !state.lost) failedTurns.relax()
  if (request.have) state.lost = false
  state.share = Math.min(1, state.share * 2)
  // One job that comes when it was planned is as much as was told. Of what else comes there may be more.
  if (request.hello) state.lingers = !answer.back_in_ms
  else if (answer.jobs.length > (state.heard.back_in_ms ? 1 : 0)) state.lingers = true
  // Of two turns at once nobody knows which was later. If one made the run the leader, others rely on its next look.
  state.heard = state.crossed ? { ...answer, state: 'awake', leader: answer.leader || state.heard.leader } : answer
  state.told = { hello: true, stop: request.stop }
  calls.tell(request.called)
  reports.settle(request.reports, answer.again)
  // After a lost turn stale reports are the rule: they had arrived with it. And who ends a job by its token often does so
  // before its answer, `later`, is reported.
  const late = request.reports.filter(({ token, outcome }) => outcome !== 'later' && answer.stale.includes(token))
  if (late.length > 0 && !request.have) warn(tooLate(late.length))
}

/** A turn without an answer: nothing is forgotten, and the next one asks what came of it. */
export function fail(state: State, request: TurnRequest, reason: unknown, warn: Warn): void {
  const error = reason instanceof SupaqueueError ? reason : turnError({ message: String(reason) })
  state.lost = true
  state.share = Math.max(state.share / 2, LEAST_SHARE)
  state.reports.keep(request.reports)
  state.failedTurns.fail(error.details.passing !== false)
  warn(error)
}

/** The rows of `supaqueue.setting`, but for what holds whatever they say. */
export function heed(
  state: State,
  settings: Record<string, string>,
  own: Partial<Limits> | undefined,
  warn: Warn,
): Limits {
  const { limits: set, unusable: names } = readLimits(settings)
  const limits = { ...set, ...own }
  state.limits = limits
  state.budget.suit(limits)
  if (names.length > 0) warn(unusable(names))
  return limits
}

/** Jobs that came: starts those that can be begun, and gives the others back. */
export function receiveJobs(
  state: State,
  { queue, jobs, now, start }: { queue: QueueRow; jobs: Claim[]; now: number; start: (claims: Claim[]) => void },
): void {
  const { budget, calls, counts, limits, reports } = state
  budget.suit(limits, queue.timeout_ms)
  let cameLate = false
  for (const claims of callsOf(jobs.filter((claim) => !holds(state, claim)))) {
    state.busyAt = now
    // The isolate would end before a call that may take so much longer than the others.
    const isLate = !budget.carries(timeoutOf(queue, claims))
    // A claim never waits in here for its turn: its lease would run, and other runs may have room.
    if (isLate || budget.closed() || calls.count() >= limits.concurrency) {
      for (const { current_job: { id: token } } of claims) {
        reports.add({ token, outcome: 'not_run', retry_after_ms: 0 }, 1 / claims.length)
      }
      cameLate ||= isLate
      continue
    }
    budget.spendJob()
    counts.jobs += claims.length
    start(claims)
  }
  // The next run has the time for it; this one would only be given it again.
  if (cameLate) budget.close('age')
}

/** The jobs of one batch together, in the order in which they came. */
function callsOf(jobs: Claim[]): Claim[][] {
  const calls = new Map<string, Claim[]>()
  for (const claim of jobs) {
    const id = batchOf(claim) ?? claim.current_job.id
    const call = calls.get(id)
    if (call) call.push(claim)
    else calls.set(id, [claim])
  }
  return [...calls.values()]
}

const tooLate = (count: number) => ({
  code: 'SQ409',
  message: `${count} reports came too late and changed nothing`,
  hint: 'Their leases had run out, or somebody ended their current jobs. Do calls outlast the timeout of the queue?',
})

const unusable = (names: string[]) => ({
  code: 'SQ422',
  message: `supaqueue.setting: the default holds for ${names.join(', ')}, whose value cannot be used`,
  hint: 'What each setting may be: docs/reference/dispatcher.md.',
})
