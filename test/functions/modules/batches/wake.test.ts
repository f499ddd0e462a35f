import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('a batch that still fills', () => {
  test('calls a run, which waits with it and takes it when it is full', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 2, batch_wait_ms: 5000 })
    await house.job(queue)
    expect(await house.wakeUps(queue)).toBe(1)
    const run = randomUUID()
    expect(await house.turn(run, queue, { room: 9 })).toMatchObject({ jobs: [], state: 'awake', leader: true })
    expect(await house.turn(run, queue, { room: 9, sleepy: true })).toMatchObject({ jobs: [], state: 'awake' })

    await house.job(queue)
    expect((await house.turn(run, queue, { room: 9 })).jobs).toHaveLength(2)
  })

  test('is called half full when its first job has waited long enough', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 9, batch_wait_ms: 5000 })
    await house.begin()
    await house.job(queue, { due: '-6 seconds' })
    await house.job(queue)
    await house.commit()
    expect((await house.turn(randomUUID(), queue, { room: 9 })).jobs).toHaveLength(2)
  })

  test('lets a queue sleep while it has longer to fill than until the next sweep', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 9, batch_wait_ms: 60_000 })
    await house.job(queue)
    expect(await house.wakeUps(queue)).toBe(0)
    const run = randomUUID()
    await house.turn(run, queue, { room: 9 })
    expect((await house.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
    await house.sweep()
    expect(await house.wakeUps(queue)).toBe(0)

    await house.update('queue', queue, { batch_wait_ms: 9000 })
    await house.sweep()
    expect(await house.wakeUps(queue)).toBe(1)
  })
})
