import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'

const needsRun = async (house: House, queue: string): Promise<boolean> =>
  (await house.db.query('select supaqueue_internal.needs_run(queue) as needing from supaqueue.queue where id = $1', [
    queue,
  ]))
    .rows[0].needing

/** A queue whose signal was not heard: what is in it now, nobody knows of. */
async function deafQueue(house: House, { workers = 1, due = '0 seconds', paused = false } = {}): Promise<string> {
  const queue = await house.queue({ workers, paused })
  const run = randomUUID()
  await house.turn(run, queue)
  await house.job(queue, { due })
  await house.db.query('update supaqueue.heartbeat set run = null, awake_until = null where queue = $1', [queue])
  return queue
}

describe('a queue needs a run', () => {
  test.for(
    [
      ['with a due job, a free worker and nobody awake', {}, true],
      ['with a job that is due soon', { due: '13 seconds' }, true],
      ['not with a job that is planned for later', { due: '17 seconds' }, false],
      ['not without a worker', { workers: 0 }, false],
      ['not while it is paused', { paused: true }, false],
    ] as const,
  )('%s', async ([, situation, needing], { house }) => {
    const queue = await deafQueue(house, situation)

    expect(await needsRun(house, queue)).toBe(needing)
  })

  test('not without a job', async ({ house }) => {
    expect(await needsRun(house, await house.queue({ workers: 1 }))).toBe(false)
  })

  test('not while a run keeps it awake, but again once its heartbeat has run out', async ({ house }) => {
    const queue = await deafQueue(house)
    await house.turn(randomUUID(), queue)
    expect(await needsRun(house, queue)).toBe(false)

    await house.age('heartbeat', queue)

    expect(await needsRun(house, queue)).toBe(true)
  })

  test('though a run left a heartbeat in the far future, when the clock has been set back', async ({ house }) => {
    const queue = await deafQueue(house)
    await house.turn(randomUUID(), queue)

    const found: boolean[] = []
    for (const ahead of ['50 seconds', '70 seconds', '1 hour']) {
      await house.db.query(
        'update supaqueue.heartbeat set awake_until = clock_timestamp() + $2::interval where queue = $1',
        [queue, ahead],
      )
      found.push(await needsRun(house, queue))
    }

    expect(found).toEqual([false, true, true])
  })

  test('with a claim that no run has, though every worker is busy', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    await house.age('heartbeat', queue)

    expect(await needsRun(house, queue)).toBe(true)
  })

  test('while it is paused with a claim that run_now made, and with no other', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.job(queue)
    await house.update('queue', queue, { paused: true })
    await house.age('heartbeat', queue)
    expect(await needsRun(house, queue)).toBe(false)

    await ask(house, 'run_now', { job: await house.job(queue) })
    await house.age('heartbeat', queue)

    expect(await needsRun(house, queue)).toBe(true)
  })

  test('not while every claim has its run', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    await house.take(randomUUID(), queue)
    await house.age('heartbeat', queue)

    expect(await needsRun(house, queue)).toBe(false)
  })
})
