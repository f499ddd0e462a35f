import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

const overview = async (house: House, queue: string) =>
  (await house.db.query('select * from supaqueue.queue_overview where queue = $1', [queue])).rows[0]

describe('queue_overview shows of a queue', () => {
  test('its workers, what runs, waits, is due and failed, and how fast it is', async ({ house }) => {
    const queue = await house.queue({ workers: 3, max_attempts: 1 })
    await house.turn(run, queue)
    await house.jobs(queue, 5)
    await house.job(queue, { due: '1 hour', priority: 9 })
    const tokens = (await house.take(run, queue)).map((entry) => entry.current_job.id)
    await house.turn(run, queue, {
      reports: [
        { token: tokens[0]!, outcome: 'success', ms: 100 },
        { token: tokens[1]!, outcome: 'failed', ms: 300 },
      ],
    })

    expect(await overview(house, queue)).toMatchObject({
      target: 'hello',
      mode: 'push',
      paused: false,
      circuit_open_until: null,
      max_rps: null,
      workers: 3,
      workers_taken: 1,
      running: 1,
      waiting: 3,
      due: 2,
      failed: 1,
      per_minute: expect.stringMatching(/^0\.[45]$/),
      error_rate: '0.500',
    })
    const { p50_ms, p95_ms } = await overview(house, queue)
    expect(p50_ms).toBeGreaterThan(70)
    expect(p50_ms).toBeLessThan(142)
    expect(p95_ms).toBeGreaterThan(212)
    expect(p95_ms).toBeLessThan(425)
  })

  test('when its backlog is empty, if it goes on so; nothing when it grows', async ({ house }) => {
    const [drains, grows] = [await house.queue(), await house.queue()]
    for (const [queue, [ended, enqueued]] of [[drains, [100, 0]], [grows, [1, 100]]] as const) {
      await house.jobs(queue, 3)
      await house.db.query(
        `insert into supaqueue.history (queue, span, at, succeeded, enqueued)
         values ($1, 'minute', date_trunc('minute', now()), $2, $3)`,
        [queue, ended, enqueued],
      )
    }

    const shrinking = await overview(house, drains)
    expect(Number(shrinking.drains_per_minute)).toBeGreaterThan(0)
    expect(shrinking.empty_in).not.toBeNull()
    const growing = await overview(house, grows)
    expect(Number(growing.drains_per_minute)).toBeLessThan(0)
    expect(growing.empty_in).toBeNull()
  })

  test('since when the job is due that has waited longest, whatever its priority', async ({ house }) => {
    const queue = await house.queue()
    await house.job(queue, { priority: 5, due: '-1 minute' })
    const oldest = await house.job(queue, { priority: -5, due: '-1 hour' })
    await house.job(queue, { priority: 9, due: '1 hour' })

    expect((await overview(house, queue)).oldest_due).toEqual((await house.jobRow(oldest)).run_at)
  })

  test('what holds it back: a pause, an open circuit, a rate limit', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.openCircuit(queue)
    await house.db.query('select supaqueue.set_max_rps($1, 2.5)', [queue])
    await house.db.query(
      `update supaqueue.queue set paused = true, paused_until = '2199-01-01', paused_reason = 'night' where id = $1`,
      [
        queue,
      ],
    )

    expect(await overview(house, queue)).toMatchObject({
      paused: true,
      paused_until: new Date('2199-01-01T00:00:00Z'),
      paused_reason: 'night',
      circuit_open_until: expect.any(Date),
      circuit_reason: 'too many requests',
      max_rps: 2.5,
    })
  })

  test('nothing that it does not have', async ({ house }) => {
    const queue = await house.queue({ url: 'https://shop.example/orders' })

    expect(await overview(house, queue)).toMatchObject({
      target: 'https://shop.example/orders',
      workers: 0,
      running: 0,
      waiting: 0,
      due: 0,
      oldest_due: null,
      failed: 0,
      per_minute: '0.0',
      error_rate: null,
      p50_ms: null,
    })
  })
})
