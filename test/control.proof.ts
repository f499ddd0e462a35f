import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openScene, type Scene, until } from './faults/support/scene.ts'

// Order, rate and limits, on a whole stack: what the function gets to see.

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

beforeEach(() => scene.witness.forget())

afterAll(() => scene?.close())

describe('max_rps', () => {
  // By the database's clock, which lets calls begin: how late one arrives is the machine's business. That no fewer begin
  // than may is measured by the bench (rate).
  test('of 10 is never exceeded, at one worker and at twenty, through the death of a dispatcher', async () => {
    scene.witness.answerWith(() => ({ body: null }))
    const queues = [await scene.queue({ workers: 1 }), await scene.queue({ workers: 20 })]
    for (const queue of queues) {
      await scene.db.query('update supaqueue.queue set keep_success_attempts = true where id = $1', [queue])
      await scene.db.query('select supaqueue.set_max_rps($1, 10)', [queue])
      await scene.db.query('insert into supaqueue.job (queue) select $1 from generate_series(1, 160)', [queue])
    }
    const begun = async (queue: string): Promise<number[]> => {
      const { rows } = await scene.db.query(
        `select extract(epoch from begun_at)::float as at from supaqueue.attempt
         where job in (select id from supaqueue.job where queue = $1) and begun_at is not null order by begun_at`,
        [queue],
      )
      return rows.map(({ at }) => at)
    }
    const untilBegun = (count: number) =>
      until(async () => {
        await scene.sweep()
        return (await Promise.all(queues.map(begun))).every((times) => times.length >= count)
      })

    await untilBegun(60)
    await scene.stack.edge.killFunction('supaqueue')
    // What it was calling comes back when the lease is over; its heartbeat lasts five seconds, then the sweep calls another.
    for (const queue of queues) await scene.harness.age('current_job', queue)
    await untilBegun(150)

    for (const times of await Promise.all(queues.map(begun))) {
      const most = (seconds: number) =>
        Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + seconds).length))
      // One second's worth may have been saved up; no more.
      expect(most(1)).toBeLessThanOrEqual(20)
      expect(most(5)).toBeLessThanOrEqual(60)
      expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual((times.length - 1 - 10) / 10)
    }
    // Waiting for the rate uses no attempt; what was under way when the dispatcher died was begun twice.
    const { rows } = await scene.db.query(
      'select max(attempts) as attempts, count(*) filter (where attempts > 1) as again from supaqueue.job where queue = any ($1)',
      [queues],
    )
    expect(rows[0].attempts).toBeLessThanOrEqual(2)
    expect(rows[0].again).toBeLessThanOrEqual(21)
    await scene.db.query('delete from supaqueue.queue where id = any ($1)', [queues])
  })
})

describe('per_key', () => {
  test('one tenant with many jobs does not starve another, and never has more calls than allowed', async () => {
    const running = new Map<string, number>()
    const most = new Map<string, number>()
    const order: string[] = []
    scene.witness.answerWith(async ({ payload: { tenant } }) => {
      // A call that the test before left under way.
      if (tenant === undefined) return { body: null }
      order.push(tenant)
      running.set(tenant, (running.get(tenant) ?? 0) + 1)
      most.set(tenant, Math.max(most.get(tenant) ?? 0, running.get(tenant)!))
      await new Promise((resolve) => setImmediate(resolve))
      running.set(tenant, running.get(tenant)! - 1)
      return { body: null }
    })
    const queue = await scene.queue({ workers: 6, per_key: 2 })

    await scene.db.query(
      `insert into supaqueue.job (queue, payload, concurrency_key)
       select $1, jsonb_build_object('tenant', tenant), tenant
       from (select 'loud' as tenant from generate_series(1, 200) union all select 'quiet' from generate_series(1, 5)) as made`,
      [queue],
    )
    await scene.untilEnded(queue)

    expect([...most.values()].every((count) => count <= 2)).toBe(true)
    expect(order.lastIndexOf('quiet')).toBeLessThan(40)
    expect(order).toHaveLength(205)
  })
})

describe('run_now', () => {
  test('on a paused queue has its job called, and no other', async () => {
    const queue = await scene.queue({ workers: 2 })
    await scene.db.query('select supaqueue.pause($1)', [queue])
    await scene.job(queue)
    const wanted = await scene.job(queue, { wanted: true })
    await scene.job(queue)

    const { rows } = await scene.db.query('select supaqueue.run_now($1) as begun', [wanted])
    await until(async () => (await scene.harness.jobRow(wanted)).status === 'success')
    await scene.untilAsleep(queue)

    expect(rows).toEqual([{ begun: true }])
    expect(scene.witness.calls.map(({ payload }) => payload)).toEqual([{ wanted: true }])
    expect(await scene.fates(queue)).toEqual(['pending 0', 'success 1', 'pending 0'])
    await scene.db.query('select supaqueue.resume($1)', [queue])
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1', 'success 1'])
  })
})
