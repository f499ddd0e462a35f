import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../support/house.ts'

describe('answer', () => {
  test('pairs a job with a free worker when the insert commits, and ticks once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })

    const job = await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([job])
    expect(await house.ticks(queue)).toBe(1)
  })

  test('does nothing while a run is awake', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)

    await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([])
    expect(await house.ticks(queue)).toBe(0)
  })
})
