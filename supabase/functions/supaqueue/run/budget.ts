import type { Limits } from '../settings/limits.ts'

/** Why a run takes no more work. */
export type Closed = 'age' | 'jobs' | 'turns' | 'rate limit' | 'unload'

export type Budget = {
  /** Applies limits and the queue's timeout as they become known. */
  suit(limits: Limits, timeoutMs?: number): void
  /** Counts a job begun. */
  spendJob(): void
  /** Counts a turn. */
  spendTurn(): void
  /** Ends the taking of work for a reason that the budget cannot know. */
  close(reason: Closed): void
  /** Why no more work is to be taken; undefined while there is some left to take. */
  closed(): Closed | undefined
  /** Whether a call with a timeout of its own may still be begun: a longer one must be begun earlier. */
  carries(timeoutMs: number): boolean
  /** How many more jobs may be begun. */
  jobsLeft(): number
  /** Milliseconds until the run is too old to go on without a successor. */
  lastsMs(): number
  /** Whether it is time to call a successor; once it is, it stays so. */
  endsSoon(): boolean
}

const MIN_TAKING_MS = 10_000

// A wake-up may take a second to arrive, and its run a moment to begin.
const HANDOVER_MS = 1500

/**
 * How long a run may take work. The platform ends an isolate at `wall_clock_ms` of age, finished or not, and sends
 * it no more requests from half of that on. `bornAt` and `startedAt` are on the same clock, in milliseconds.
 */
export function planTaking(
  { bornAt, startedAt, limits, timeoutMs }: {
    bornAt: number
    startedAt: number
    limits: Limits
    timeoutMs: number
  },
): { until: number; retireAt: number } {
  const half = limits.wall_clock_ms / 2
  // A run that starts later than the platform would start it is not on that platform: nobody ends this isolate.
  const origin = startedAt - bornAt <= half ? bornAt : startedAt
  // What is begun must be able to end. But a call may be far shorter than its timeout, so a little is always taken;
  // otherwise a queue with a timeout near the wall clock would never be served.
  const until = Math.max(
    origin + limits.wall_clock_ms - timeoutMs - limits.call_grace_ms,
    startedAt + Math.min(MIN_TAKING_MS, half),
  )
  const soon = startedAt + 0.8 * (until - startedAt)
  // A successor called before half of the wall clock would land in this same isolate.
  const retired = origin + half + 1000
  return {
    until,
    retireAt: retired > soon && retired < until - 2000 ? retired : soon,
  }
}

/** What is left of a run: time until the isolate is too old for another call, jobs, and turns. */
export function makeBudget(
  { bornAt, now, limits, timeoutMs }: {
    bornAt: number
    now: () => number
    limits: Limits
    timeoutMs: number
  },
): Budget {
  const startedAt = now()
  let plan = planTaking({ bornAt, startedAt, limits, timeoutMs })
  let jobs = 0
  let turns = 0
  let ending = false
  let reason: Closed | undefined

  const closed = (): Closed | undefined => {
    if (!reason && jobs >= limits.run_max_jobs) reason = 'jobs'
    if (!reason && turns >= limits.run_max_turns) reason = 'turns'
    if (!reason && now() >= plan.until) reason = 'age'
    return reason
  }

  return {
    suit(newLimits, newTimeoutMs = timeoutMs) {
      if (newLimits === limits && newTimeoutMs === timeoutMs) return
      limits = newLimits
      timeoutMs = newTimeoutMs
      plan = planTaking({ bornAt, startedAt, limits, timeoutMs })
    },
    spendJob: () => void jobs++,
    spendTurn: () => void turns++,
    close: (why) => void (reason ??= why),
    closed,
    carries: (ms) => now() < planTaking({ bornAt, startedAt, limits, timeoutMs: ms }).until,
    jobsLeft: () => closed() ? 0 : limits.run_max_jobs - jobs,
    lastsMs: () => Math.max(0, Math.min(plan.until, plan.retireAt) - now()),
    endsSoon() {
      const spent = Math.max(jobs / limits.run_max_jobs, turns / limits.run_max_turns)
      // Before a quarter the pace cannot be told: the first jobs all begin at once.
      const msLeft = spent < 0.25 ? Infinity : (now() - startedAt) * (1 - spent) / spent
      ending ||= now() >= plan.retireAt || spent >= 0.8 || msLeft <= HANDOVER_MS
      return ending
    },
  }
}
