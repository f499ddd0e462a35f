import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'

const needsRun = async (harness: Harness, queue: string): Promise<boolean> =>
  (await harness.db.query('select supaqueue_internal.needs_run(queue) as needing from supaqueue.queue where id = $1', [
    queue,
  ]))
    .rows[0].needing

/** A queue whose signal was not heard: what is in it now, nobody knows of. */
async function deafQueue(harness: Harness, { workers = 1, due = '0 seconds', paused = false } = {}): Promise<string> {
  const queue = await harness.queue({ workers, paused })
  const run = randomUUID()
  await harness.turn(run, queue)
  await harness.job(queue, { due })
  await harness.db.query('update supaqueue.heartbeat set run = null, awake_until = null where queue = $1', [queue])
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
  )('%s', async ([, situation, needing], { harness }) => {
    const queue = await deafQueue(harness, situation)

    expect(await needsRun(harness, queue)).toBe(needing)
  })

  test('not without a job', async ({ harness }) => {
    expect(await needsRun(harness, await harness.queue({ workers: 1 }))).toBe(false)
  })

  test('not while a run keeps it awake, but again once its heartbeat has run out', async ({ harness }) => {
    const queue = await deafQueue(harness)
    await harness.turn(randomUUID(), queue)
    expect(await needsRun(harness, queue)).toBe(false)

    await harness.age('heartbeat', queue)

    expect(await needsRun(harness, queue)).toBe(true)
  })

  test('though a run left a heartbeat in the far future, when the clock has been set back', async ({ harness }) => {
    const queue = await deafQueue(harness)
    await harness.turn(randomUUID(), queue)

    const found: boolean[] = []
    for (const ahead of ['50 seconds', '70 seconds', '1 hour']) {
      await harness.db.query(
        'update supaqueue.heartbeat set awake_until = clock_timestamp() + $2::interval where queue = $1',
        [queue, ahead],
      )
      found.push(await needsRun(harness, queue))
    }

    expect(found).toEqual([false, true, true])
  })

  test('with a claim that no run has, though every worker is busy', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.age('heartbeat', queue)

    expect(await needsRun(harness, queue)).toBe(true)
  })

  test('while it is paused with a claim that run_now made, and with no other', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.job(queue)
    await harness.update('queue', queue, { paused: true })
    await harness.age('heartbeat', queue)
    expect(await needsRun(harness, queue)).toBe(false)

    await ask(harness, 'run_now', { job: await harness.job(queue) })
    await harness.age('heartbeat', queue)

    expect(await needsRun(harness, queue)).toBe(true)
  })

  test('not while every claim has its run', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.take(randomUUID(), queue)
    await harness.age('heartbeat', queue)

    expect(await needsRun(harness, queue)).toBe(false)
  })
})
