import { expect } from 'vitest'
import type { Harness } from '../../support/harness.ts'
import { calls } from './calls.ts'
import { brings, fulfil, ITEM, itemsOf, type Moment } from './fulfil.ts'

/** A server that notes idempotency keys: what is asked for twice happens once. */
export function effects() {
  const happened = new Map<string, number>()
  const asked: string[] = []
  return {
    happened,
    asked,
    effect(key: string, what: number): number {
      asked.push(key)
      if (!happened.has(key)) happened.set(key, what)
      return what
    },
  }
}

/** The sleeps of a job are over. */
export const passTime = `
  update supaqueue.step set until = clock_timestamp() - interval '1 second'
  where job = $1 and status in ('sleeping', 'failed')`

/**
 * Each moment of each request and step once: which request it is, is told by how many steps are over before it. So the moments behind steps
 * that are remembered come again whenever one more is over, and their number grows with the square of the steps: each comes `behind`
 * times at most.
 */
export function everyMoment(behind = Infinity) {
  const passed = new Set<string>()
  const times: Record<Moment, number> = {}
  return (known: number, moment: Moment): boolean => {
    const point = `${known} ${moment}`
    if (passed.has(point) || moment.startsWith('behind') && (times[moment] ?? 0) >= behind) return false
    passed.add(point)
    times[moment] = (times[moment] ?? 0) + 1
    return true
  }
}

export const stepsOver = async (db: Harness['db'], job: number): Promise<number> =>
  Number(
    (await db.query('select count(*) from supaqueue.step where job = $1 and ended_at is not null', [job])).rows[0]
      .count,
  )

/** Lets the time of what a job waits for pass, and sends it its signal, twice with the same key. */
export async function goOn(db: Harness['db'], job: number): Promise<void> {
  const { rowCount } = await db.query(`select from supaqueue.step where job = $1 and status = 'waiting'`, [job])
  if (rowCount) {
    for (let n = 0; n < 2; n++) {
      await db.query(`select supaqueue.signal($1, 'approval', '42', idempotency_key => 'once')`, [job])
    }
  }
  await db.query(passTime, [job])
}

/**
 * Each step happened, and once, and was asked for so often at most: where it died before its effect, after it, before it was written
 * down and after, that is 3 times. Items of a map die with their neighbors, too.
 */
export function expectOnce({ happened, asked }: ReturnType<typeof effects>, part: number, most = 3): void {
  const steps = Array.from({ length: 5 * part }, (_, n) => n + 1)
  const items = Array.from({ length: itemsOf(part) }, (_, n) => n + ITEM)
  expect([...happened.values()].sort((one, other) => one - other)).toEqual([...steps, ...items])
  const times = [...happened].filter(([, what]) => what < ITEM).map(([key]) =>
    asked.filter((one) => one === key).length
  )
  expect(Math.max(...times)).toBe(most)
}

/** Plays that function with a death at every moment of it, and looks at what came of it. */
export async function dieEverywhere(harness: Harness, part: number): Promise<void> {
  const server = effects()
  const { job: make, next } = calls(harness, (payload, job, at) => fulfil(part, { at, ...server })(payload, job))
  const where = await make()
  const isNew = everyMoment()
  let known = 0
  const dies = (moment: Moment) => isNew(known, moment)

  const outcomes: Record<string, number> = {}
  for (let call = 0; call < 10_000; call++) {
    known = await stepsOver(harness.db, where.job)
    const outcome = await next(where, dies)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    if (outcome === 'complete') break
    await goOn(harness.db, where.job)
  }

  expect(await harness.jobRow(where.job)).toMatchObject({ status: 'success', result: brings(part) })
  expectOnce(server, part)
  expect(outcomes.died).toBeGreaterThan(5 * 5 * part)
  expect((await harness.db.query('select from supaqueue.signal where job = $1', [where.job])).rowCount).toBe(1)
}
