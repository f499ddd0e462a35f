import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('a batch that still fills', () => {
  test('calls a run, which waits with it and takes it when it is full', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 2, batch_wait_ms: 5000 })
    await harness.job(queue)
    expect(await harness.wakeUps(queue)).toBe(1)
    const run = randomUUID()
    expect(await harness.turn(run, queue, { room: 9 })).toMatchObject({ jobs: [], state: 'awake', leader: true })
    expect(await harness.turn(run, queue, { room: 9, sleepy: true })).toMatchObject({ jobs: [], state: 'awake' })

    await harness.job(queue)
    expect((await harness.turn(run, queue, { room: 9 })).jobs).toHaveLength(2)
  })

  test('is called half full when its first job has waited long enough', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 9, batch_wait_ms: 5000 })
    await harness.begin()
    await harness.job(queue, { due: '-6 seconds' })
    await harness.job(queue)
    await harness.commit()
    expect((await harness.turn(randomUUID(), queue, { room: 9 })).jobs).toHaveLength(2)
  })

  test('lets a queue sleep while it has longer to fill than until the next sweep', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 9, batch_wait_ms: 60_000 })
    await harness.job(queue)
    expect(await harness.wakeUps(queue)).toBe(0)
    const run = randomUUID()
    await harness.turn(run, queue, { room: 9 })
    expect((await harness.turn(run, queue, { room: 9, sleepy: true })).state).toBe('asleep')
    await harness.sweep()
    expect(await harness.wakeUps(queue)).toBe(0)

    await harness.update('queue', queue, { batch_wait_ms: 9000 })
    await harness.sweep()
    expect(await harness.wakeUps(queue)).toBe(1)
  })
})
