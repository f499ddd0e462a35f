import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openScene, type Scene, until } from './faults/support/scene.ts'

// Order, rate and limits, on a whole stack: what the function gets to see.

vi.setConfig({ testTimeout: 120_000 })

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

beforeEach(() => scene.witness.forget())

afterAll(() => scene?.close())

describe('max_rps', () => {
  // While a dispatcher is dead nothing is called, and that is not made up for: the 30 seconds are those of service.
  test('of 10 is 300 calls in 30 seconds, at one worker and at twenty, through the death of a dispatcher', async () => {
    const calls: { queue: string; at: number }[] = []
    scene.witness.answerWith(({ payload }) => {
      calls.push({ queue: payload.queue, at: performance.now() })
      return { body: null }
    })
    const queues = [await scene.queue({ workers: 1 }), await scene.queue({ workers: 20 })]
    for (const queue of queues) {
      await scene.db.query('select supaqueue.set_max_rps($1, 10)', [queue])
      await scene.db.query(
        `insert into supaqueue.job (queue, payload) select $1::uuid, jsonb_build_object('queue', $1::uuid) from generate_series(1, 400)`,
        [queue],
      )
    }
    const timesOf = (queue: string) => calls.filter((call) => call.queue === queue).map(({ at }) => at)
    /** For 15 seconds from the first call of each queue after a time: how many calls each got. */
    const served = async (after: number) => {
      const first = (queue: string) => timesOf(queue).find((at) => at > after)
      await until(async () => {
        await scene.sweep()
        return queues.every((queue) => first(queue) !== undefined)
      })
      const begins = queues.map((queue) => first(queue)!)
      await until(() => performance.now() >= Math.max(...begins) + 15_000)
      return queues.map((queue, nth) =>
        timesOf(queue).filter((at) => at >= begins[nth]! && at < begins[nth]! + 15_000).length
      )
    }

    const before = await served(0)
    await scene.stack.edge.killFunction('supaqueue')
    const killed = performance.now()
    // What it was calling comes back when the lease is over; its pulse lasts five seconds, then the sweep calls another.
    for (const queue of queues) await scene.house.age('current_job', queue)
    const after = await served(killed + 500)

    for (const [nth, count] of before.entries()) {
      expect(count + after[nth]!).toBeGreaterThanOrEqual(290)
      expect(count + after[nth]!).toBeLessThanOrEqual(310)
    }
    // In no second more than one second's worth too many, however late a call arrived.
    for (const times of queues.map(timesOf)) {
      for (const at of times) {
        expect(times.filter((other) => other >= at && other < at + 1000).length).toBeLessThanOrEqual(20)
      }
    }
    // Waiting for the rate uses no attempt; what was under way when the dispatcher died was begun twice.
    const { rows } = await scene.db.query(
      'select max(attempts) as attempts, count(*) filter (where attempts > 1) as again from supaqueue.job where queue = any ($1)',
      [queues],
    )
    expect(rows[0].attempts).toBeLessThanOrEqual(2)
    expect(rows[0].again).toBeLessThanOrEqual(4)
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
    await until(async () => (await scene.house.jobRow(wanted)).status === 'success')
    await scene.untilAsleep(queue)

    expect(rows).toEqual([{ begun: true }])
    expect(scene.witness.calls.map(({ payload }) => payload)).toEqual([{ wanted: true }])
    expect(await scene.fates(queue)).toEqual(['pending 0', 'success 1', 'pending 0'])
    await scene.db.query('select supaqueue.resume($1)', [queue])
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1', 'success 1'])
  })
})
