import { expect } from 'vitest'
import type { Job } from '../../../supabase/functions/_shared/supaqueue/mod.ts'
import type { House } from '../../support/house.ts'
import { calls, type Moment } from './calls.ts'

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

export type Function = (payload: unknown, job: Job, at: (moment: Moment) => Promise<void>) => Promise<unknown>

/** Five parts of `part` steps each, two sleeps and a signal between them. Each effect may be followed, or preceded, by a death. */
export const fulfil = (server: ReturnType<typeof effects>, part: number): Function => async (_, job, at) => {
  const brought: number[] = []
  for (let n = 1; n <= 5 * part; n++) {
    brought.push(
      await job.step(`step ${n}`, async ({ idempotencyKey }) => {
        await at(`before effect ${n}`)
        const what = server.effect(idempotencyKey, n)
        await at(`after effect ${n}`)
        return what
      }),
    )
    await at(`behind step ${n}`)
    if (n === part) await job.sleep('first', '3 days')
    if (n === 2 * part) brought.push(await job.waitFor<number>('approval', { timeout: '7 days' }) ?? -1)
    if (n === 3 * part) await job.sleep('second', new Date(Date.now() + 86_400_000))
  }
  return brought
}

/** The sleeps of a job are over. */
export const passTime = `
  update supaqueue.step set until = clock_timestamp() - interval '1 second'
  where job = $1 and status in ('sleeping', 'failed')`

/** Plays that function with a death at every moment of it, and looks at what came of it. */
export async function dieEverywhere(house: House, part: number): Promise<void> {
  const steps = 5 * part
  const server = effects()
  const { job: make, next } = calls(house, fulfil(server, part))
  const where = await make()
  const passed = new Set<string>()
  // Each moment of each request and step once: which request it is, is told by what is remembered before it.
  let known = 0
  const dies = (moment: Moment) => {
    const point = `${known} ${moment}`
    if (passed.has(point)) return false
    passed.add(point)
    return true
  }

  const outcomes: Record<string, number> = {}
  for (let call = 0; call < 2000; call++) {
    known = (await house.db.query(`select count(*) from supaqueue.step where job = $1 and ended_at is not null`, [
      where.job,
    ]))
      .rows[0].count
    const outcome = await next(where, dies)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    if (outcome === 'complete') break
    const { rows: waiting } = await house.db.query(
      `select name from supaqueue.step where job = $1 and status = 'waiting'`,
      [where.job],
    )
    if (waiting.length > 0) {
      await house.db.query(`select supaqueue.signal($1, 'approval', '42', idempotency_key => 'once')`, [where.job])
    }
    await house.db.query(passTime, [where.job])
  }

  const row = await house.jobRow(where.job)
  expect(row).toMatchObject({ status: 'success' })
  expect(row.result).toEqual([
    ...Array.from({ length: 2 * part }, (_, n) => n + 1),
    42,
    ...Array.from({ length: 3 * part }, (_, n) => n + 2 * part + 1),
  ])
  expect([...server.happened.values()].sort((one, other) => one - other)).toEqual(
    Array.from({ length: steps }, (_, n) => n + 1),
  )
  // Each step died before its effect, after it, before it was written down and after: it was asked for no more often than that.
  expect(Math.max(...[...server.happened.keys()].map((key) => server.asked.filter((one) => one === key).length)))
    .toBe(3)
  expect(outcomes.died).toBeGreaterThan(5 * steps)
  expect((await house.db.query('select from supaqueue.signal where job = $1', [where.job])).rowCount).toBe(1)
}
