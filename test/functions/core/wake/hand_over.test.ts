import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

describe('a run that retires', () => {
  test('puts the queue to sleep when nothing is left to do', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)

    expect((await harness.turn(run, queue, { retire: true })).state).toBe('asleep')

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('wakes a successor once when work is left', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.turn(run, queue)
    await harness.job(queue)

    expect((await harness.turn(run, queue, { retire: true })).leader).toBe(false)
    expect((await harness.turn(run, queue, { retire: true })).leader).toBe(false)

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test('wakes nobody when another run is the leader', async ({ harness }) => {
    const queue = await harness.queue()
    const leader = randomUUID()
    await harness.turn(leader, queue)

    await harness.turn(run, queue, { retire: true })

    expect(await harness.wakeUps(queue)).toBe(0)
    expect((await harness.heartbeat(queue)).run).toBe(leader)
  })

  test('never becomes the leader, though there is none', async ({ harness }) => {
    const queue = await harness.queue()

    expect((await harness.turn(run, queue, { retire: true })).leader).toBe(false)

    expect((await harness.heartbeat(queue)).run).toBe(null)
  })

  test('may still take jobs while it has room', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 1)

    expect(await harness.turn(run, queue, { retire: true, room: 1 })).toMatchObject({
      state: 'awake',
      jobs: [expect.anything()],
    })
  })
})

describe('a run that stops', () => {
  test('puts the queue to sleep when nothing is left to do', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.turn(run, queue)

    expect((await harness.turn(run, queue, { stop: true })).state).toBe('asleep')

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test.for(['stop', 'retire'])(
    'wakes a successor for the planned job that it was to come back for, though another was woken a moment ago: %s',
    async (end, { harness }) => {
      const queue = await harness.queue({ workers: 2 })
      await harness.turn(run, queue)
      await harness.job(queue, { due: '8 seconds' })
      await harness.turn(run, queue, { room: 1, sleepy: true, back_in_ms: 20_000 })
      await harness.db.query('update supaqueue.heartbeat set woken_at = clock_timestamp() where queue = $1', [queue])

      await harness.turn(run, queue, { [end]: true })

      expect(await harness.wakeUps(queue)).toBe(1)
    },
  )

  test('hands over by a wake-up when work is left', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    await harness.job(queue)

    expect((await harness.turn(run, queue, { stop: true })).state).toBe('leave')

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test('hands over what it freed with its last report', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    const [, second] = await harness.jobs(queue, 2)
    const [entry] = await harness.take(run, queue)

    await harness.turn(run, queue, {
      retire: true,
      stop: true,
      reports: [{ token: entry!.current_job.id, outcome: 'success' }],
    })

    expect(await harness.wakeUps(queue)).toBeGreaterThan(0)
    expect((await harness.take(randomUUID(), queue)).map((next) => next.job.id)).toEqual([second])
  })

  test('wakes nobody when a leader is there', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)

    expect((await harness.turn(run, queue, { stop: true })).state).toBe('leave')

    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test.for(
    [
      ['wakes one when the leader died', -60, 1],
      ['wakes one when the clock was set back since the last wake-up', 3600, 1],
      ['wakes nobody when somebody has just done so', 30, 0],
    ] as const,
  )('and never was the leader %s', async ([, woken, wake_ups], { harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)
    await harness.age('heartbeat', queue)
    await harness.db.query(
      `update supaqueue.heartbeat set woken_at = clock_timestamp() + $2 * interval '1 second' where queue = $1`,
      [queue, woken],
    )

    await harness.turn(run, queue, { stop: true })

    expect(await harness.wakeUps(queue)).toBe(wake_ups)
  })

  test('does not wait for whoever holds the heartbeat, and wakes a run', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    await harness.job(queue)
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()
    await harness.turn(run, queue, { stop: true })

    expect(await harness.wakeUps(queue)).toBe(1)
  })
})
