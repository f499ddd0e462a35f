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
  test('is kept exactly, at one worker and at twenty, through the death of a dispatcher', async () => {
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

    await until(() => calls.length > 0)
    const from = performance.now()
    const lasting = (seconds: number) => until(() => performance.now() - from >= seconds * 1000)
    await lasting(10)
    const seen = (since: number, to: number) =>
      queues.map((queue) =>
        calls.filter((call) => call.queue === queue && call.at - from >= since && call.at - from < to).length
      )
    const before = seen(0, 10_000)
    await scene.stack.edge.killFunction('supaqueue')
    const killed = performance.now()
    // Its pulse lasts five seconds; then the sweep calls another.
    await until(async () => {
      await scene.sweep()
      return calls.some((call) => call.queue === queues[1] && call.at > killed + 500)
    })
    const again = performance.now() - from
    await lasting(again / 1000 + 10)
    const after = seen(again, again + 10_000)

    for (const count of [...before, after[1]!]) {
      expect(count).toBeGreaterThanOrEqual(90)
      expect(count).toBeLessThanOrEqual(110)
    }
    // In no second more than one second's worth too many, however late a call arrived.
    for (const queue of queues) {
      const times = calls.filter((call) => call.queue === queue).map(({ at }) => at)
      for (const at of times) {
        expect(times.filter((other) => other >= at && other < at + 1000).length).toBeLessThanOrEqual(20)
      }
    }
    const { rows } = await scene.db.query(
      `select max(attempts) as attempts from supaqueue.job where queue = any ($1) and status = 'success'`,
      [queues],
    )
    expect(rows[0].attempts).toBe(1)
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
