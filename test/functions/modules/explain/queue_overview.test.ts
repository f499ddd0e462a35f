import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

const overview = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue.queue_overview where queue = $1', [queue])).rows[0]

describe('queue_overview shows of a queue', () => {
  test('its workers, what runs, waits, is due and failed, and how fast it is', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, max_attempts: 1 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 5)
    await harness.job(queue, { due: '1 hour', priority: 9 })
    const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
    await harness.turn(run, queue, {
      reports: [
        { token: tokens[0]!, outcome: 'success', ms: 100 },
        { token: tokens[1]!, outcome: 'failed', ms: 300 },
      ],
    })

    expect(await overview(harness, queue)).toMatchObject({
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
    const { p50_ms, p95_ms } = await overview(harness, queue)
    expect(p50_ms).toBeGreaterThan(70)
    expect(p50_ms).toBeLessThan(142)
    expect(p95_ms).toBeGreaterThan(212)
    expect(p95_ms).toBeLessThan(425)
  })

  test('when its backlog is empty, if it goes on so; nothing when it grows', async ({ harness }) => {
    const [drains, grows] = [await harness.queue(), await harness.queue()]
    for (const [queue, [ended, enqueued]] of [[drains, [100, 0]], [grows, [1, 100]]] as const) {
      await harness.jobs(queue, 3)
      await harness.db.query(
        `insert into supaqueue.history (queue, span, at, succeeded, enqueued)
         values ($1, 'minute', date_trunc('minute', now()), $2, $3)`,
        [queue, ended, enqueued],
      )
    }

    const shrinking = await overview(harness, drains)
    expect(Number(shrinking.drains_per_minute)).toBeGreaterThan(0)
    expect(shrinking.empty_in).not.toBeNull()
    const growing = await overview(harness, grows)
    expect(Number(growing.drains_per_minute)).toBeLessThan(0)
    expect(growing.empty_in).toBeNull()
  })

  test('since when the job is due that has waited longest, whatever its priority', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.job(queue, { priority: 5, due: '-1 minute' })
    const oldest = await harness.job(queue, { priority: -5, due: '-1 hour' })
    await harness.job(queue, { priority: 9, due: '1 hour' })

    expect((await overview(harness, queue)).oldest_due).toEqual((await harness.jobRow(oldest)).run_at)
  })

  test('what holds it back: a pause, an open circuit, a rate limit', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.openCircuit(queue)
    await harness.db.query('select supaqueue.set_max_rps($1, 2.5)', [queue])
    await harness.db.query(
      `update supaqueue.queue set paused = true, paused_until = '2199-01-01', paused_reason = 'night' where id = $1`,
      [
        queue,
      ],
    )

    expect(await overview(harness, queue)).toMatchObject({
      paused: true,
      paused_until: new Date('2199-01-01T00:00:00Z'),
      paused_reason: 'night',
      circuit_open_until: expect.any(Date),
      circuit_reason: 'too many requests',
      max_rps: 2.5,
    })
  })

  test('nothing that it does not have', async ({ harness }) => {
    const queue = await harness.queue({ url: 'https://shop.example/orders' })

    expect(await overview(harness, queue)).toMatchObject({
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
