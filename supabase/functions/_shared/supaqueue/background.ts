import type { Reports } from './current_job.ts'
import { LeaseLost, SupaqueueError } from './errors.ts'
import { type Decision, decisionOf, decisions } from './decision.ts'
import type { Deps } from './deps.ts'
import { isSuspended } from './steps.ts'

/** Starts the work and says `later`. `lease`, in milliseconds, is how long the job waits for a sign of life. */
export type Background = (work: () => unknown, options?: { lease?: number }) => Decision

/** `leave` is called when the work has ended, whatever came of it. */
type Around = { lease?: number; reports: Reports; signal: AbortSignal; deps: Deps; leave: () => void }

// Long enough that two extensions may go astray.
const LEASE_MS = 60_000

/** See `Job.background`. */
export function background(work: () => unknown, { lease = LEASE_MS, leave, ...around }: Around): Decision {
  // The saying first: a lease that is not a number of milliseconds must not start anything.
  const decision = decisions.later({ lease })
  around.deps.waitUntil(run(work, lease, around).catch(around.deps.log).finally(leave))
  return decision
}

async function run(work: () => unknown, lease: number, { reports, signal, deps }: Omit<Around, 'leave'>) {
  // An extension that goes astray is made up for by the next. One that is refused fires the signal.
  const extending = setInterval(() => reports.extend(lease).catch(() => {}), lease / 3)
  signal.addEventListener('abort', () => isLost(signal) && clearInterval(extending))
  const decision = await decisionOf(work, deps.log)
  clearInterval(extending)

  // It waits for what its steps wait for, and has told the database so.
  if (isSuspended(decision)) return
  // Somebody else has the job, or had it: nothing that is decided here counts.
  if (isLost(signal)) return deps.log(new Error('the lease of a job was lost before its work in the background ended'))
  await finishSurely(reports, decision)
}

const isLost = (signal: AbortSignal): boolean => signal.reason instanceof LeaseLost

const WAITS_MS = [200, 1000, 3000, 10_000]

// What is too large, too deep or no value of its type, and no JSON for the Data API: it will be so at each try.
const NOT_TAKEN = /^(SQ413|SQ422|22|54001|PGRST102)/

/** Finishes the job, and tries again for a while. What the database does not take becomes a reject that says why. */
async function finishSurely(reports: Reports, decision: Decision): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await reports.finish(decision)
    } catch (reason) {
      // A try whose answer was lost may have ended the job: then the next one finds it gone.
      if (reason instanceof LeaseLost && tries > 0) return
      const wait = WAITS_MS[tries]
      if (reason instanceof LeaseLost || wait === undefined) throw reason
      if (reason instanceof SupaqueueError && NOT_TAKEN.test(reason.code)) decision = decisions.reject(reason.message)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}
