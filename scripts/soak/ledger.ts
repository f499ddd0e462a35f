import type { Audit, Repeat } from './audit.ts'
import { isUnknown, type Outcome, type Why } from './outcomes.ts'
import type { Visit } from './visits.ts'

/** Why jobs ran more than once, and those for which there is no reason. */
export type Repeats = { jobs: number; why: Partial<Record<Why, number>>; unexplained: number[] }

/** How often an outcome was unknown, and why. */
export const countUnknown = (outcomes: Outcome[]): Partial<Record<Why, number>> =>
  tally(outcomes.map(({ why }) => why).filter(isUnknown))

/**
 * A job may run again only if its last attempt was not a success, as far as anybody could know. On a busy machine a call comes
 * to the function once it was given up, and after the next one.
 */
export function explain(repeats: Repeat[], outcomes: Outcome[]): Repeats {
  const whys: Why[] = []
  const unexplained: number[] = []
  const known = byAttempt(outcomes)
  for (const { job, visits } of repeats) {
    for (const visit of visits.toSorted((one, other) => one.attempt - other.attempt).slice(0, -1)) {
      const why = known(visit).find((each) => fits(each, visit))
      if (why) whys.push(why)
      else unexplained.push(job)
    }
  }
  return { jobs: repeats.length, why: tally(whys), unexplained }
}

/** For the audit: whether nobody can know when this call ended. */
export function endUnknown(outcomes: Outcome[]): (visit: Visit) => boolean {
  const known = byAttempt(outcomes)
  return (visit) => visit.answer === undefined || known(visit).some(isUnknown)
}

/** Whether nothing was lost, and nothing happened that must not. */
export const isBalanced = (
  { findings, repeats, accidents }: { findings: Audit['findings']; repeats: Repeats; accidents: string[] },
): boolean => Object.values(findings).every(isEmpty) && isEmpty(repeats.unexplained) && isEmpty(accidents)

const isEmpty = (list: unknown[]) => list.length === 0

// What the function answered goes with what the database was told; when it was told nothing, anything may have been.
const fits = (why: Why, { answer }: Visit): boolean =>
  isUnknown(why) || why === (answer === 500 ? 'failed' : answer === 429 ? 'put off' : undefined)

function byAttempt(outcomes: Outcome[]): (visit: Visit) => Why[] {
  const known = new Map<string, Why[]>()
  for (const { job, attempt, why } of outcomes) {
    const key = `${job} ${attempt}`
    known.set(key, [...known.get(key) ?? [], why])
  }
  return ({ job, attempt }) => known.get(`${job} ${attempt}`) ?? []
}

function tally(whys: Why[]): Partial<Record<Why, number>> {
  const counts: Partial<Record<Why, number>> = {}
  for (const why of whys) counts[why] = (counts[why] ?? 0) + 1
  return counts
}
