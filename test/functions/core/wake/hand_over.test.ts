import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

const run = randomUUID()

describe('a run that retires', () => {
  test('puts the queue to sleep when nothing is left to do', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)

    expect((await house.turn(run, queue, { retire: true })).state).toBe('asleep')

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('wakes a successor once when work is left', async ({ house }) => {
    const queue = await house.queue()
    await house.turn(run, queue)
    await house.job(queue)

    expect((await house.turn(run, queue, { retire: true })).leader).toBe(false)
    expect((await house.turn(run, queue, { retire: true })).leader).toBe(false)

    expect(await house.wakeUps(queue)).toBe(1)
    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test('wakes nobody when another run is the leader', async ({ house }) => {
    const queue = await house.queue()
    const leader = randomUUID()
    await house.turn(leader, queue)

    await house.turn(run, queue, { retire: true })

    expect(await house.wakeUps(queue)).toBe(0)
    expect((await house.heartbeat(queue)).run).toBe(leader)
  })

  test('never becomes the leader, though there is none', async ({ house }) => {
    const queue = await house.queue()

    expect((await house.turn(run, queue, { retire: true })).leader).toBe(false)

    expect((await house.heartbeat(queue)).run).toBe(null)
  })

  test('may still take jobs while it has room', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    await house.jobs(queue, 1)

    expect(await house.turn(run, queue, { retire: true, room: 1 })).toMatchObject({
      state: 'awake',
      jobs: [expect.anything()],
    })
  })
})

describe('a run that stops', () => {
  test('puts the queue to sleep when nothing is left to do', async ({ house }) => {
    const queue = await house.queue()
    await house.turn(run, queue)

    expect((await house.turn(run, queue, { stop: true })).state).toBe('asleep')

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('hands over by a wake-up when work is left', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    await house.job(queue)

    expect((await house.turn(run, queue, { stop: true })).state).toBe('leave')

    expect(await house.wakeUps(queue)).toBe(1)
    expect(await house.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test('hands over what it freed with its last report', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    const [, second] = await house.jobs(queue, 2)
    const [entry] = await house.take(run, queue)

    await house.turn(run, queue, {
      retire: true,
      stop: true,
      reports: [{ token: entry!.current_job.id, outcome: 'success' }],
    })

    expect(await house.wakeUps(queue)).toBeGreaterThan(0)
    expect((await house.take(randomUUID(), queue)).map((next) => next.job.id)).toEqual([second])
  })

  test('wakes nobody when a leader is there', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    await house.job(queue)

    expect((await house.turn(run, queue, { stop: true })).state).toBe('leave')

    expect(await house.wakeUps(queue)).toBe(0)
  })

  test.for(
    [
      ['wakes one when the leader died', -60, 1],
      ['wakes one when the clock was set back since the last wake-up', 3600, 1],
      ['wakes nobody when somebody has just done so', 30, 0],
    ] as const,
  )('and never was the leader %s', async ([, woken, wake_ups], { house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    await house.job(queue)
    await house.age('heartbeat', queue)
    await house.db.query(
      `update supaqueue.heartbeat set woken_at = clock_timestamp() + $2 * interval '1 second' where queue = $1`,
      [queue, woken],
    )

    await house.turn(run, queue, { stop: true })

    expect(await house.wakeUps(queue)).toBe(wake_ups)
  })

  test('does not wait for whoever holds the heartbeat, and wakes a run', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    await house.job(queue)
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await house.impatient()
    await house.turn(run, queue, { stop: true })

    expect(await house.wakeUps(queue)).toBe(1)
  })
})
