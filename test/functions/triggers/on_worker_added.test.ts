import { describe, expect } from 'vitest'
import { test } from '../../support/house.ts'

describe('a worker that is added', () => {
  test('to a sleeping queue with a backlog gets a job, and ticks', async ({ house }) => {
    const queue = await house.queue()
    const [first] = await house.jobs(queue, 2)
    await house.age('pulse', queue)
    const ticks = await house.ticks(queue)

    await house.workers(queue, 1)

    expect(await house.inProgress(queue)).toEqual([first])
    expect(await house.ticks(queue)).toBe(ticks + 1)
  })

  test('with many others rings once', async ({ house }) => {
    const queue = await house.queue()

    // Outside of read committed every answer ticks.
    await house.transaction(() => house.workers(queue, 100), 'repeatable read')

    expect(await house.ticks(queue)).toBe(1)
  })

  test('to an idle queue leaves it asleep', async ({ house }) => {
    const queue = await house.queue({ workers: 3 })

    expect(await house.ticks(queue)).toBe(0)
    expect((await house.pulse(queue)).awake).toBe(false)
  })

  test('as locked does not ring', async ({ house }) => {
    const queue = await house.queue()

    await house.transaction(
      () => house.db.query('insert into supaqueue.worker (queue, locked) values ($1, true)', [queue]),
      'repeatable read',
    )

    expect(await house.ticks(queue)).toBe(0)
  })
})
