import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

/** A queue whose signal has been answered already, so that jobs wait for whoever pairs by hand. */
async function quietQueue(harness: Harness, workers: number): Promise<string> {
  const queue = await harness.queue({ workers })
  await harness.turn(randomUUID(), queue)
  return queue
}

describe('process_jobs', () => {
  test('begins jobs of higher priority first, then those due for longer, then those inserted first', async ({ harness }) => {
    const queue = await quietQueue(harness, 0)
    await harness.begin()
    const [late, low, second, first, high, third] = [
      await harness.job(queue, { due: '-1 minute' }),
      await harness.job(queue, { due: '-9 minutes', priority: -1 }),
      await harness.job(queue, { due: '-5 minutes' }),
      await harness.job(queue, { due: '-6 minutes' }),
      await harness.job(queue, { priority: 7 }),
      await harness.job(queue, { due: '-5 minutes' }),
    ]
    await harness.commit()

    const order: number[] = []
    for (let i = 0; i < 6; i++) {
      await harness.workers(queue, 1)
      await harness.processJobs(queue)
      order.push(...(await harness.inProgress(queue)).filter((job) => !order.includes(job)))
    }

    expect(order).toEqual([high, first, second, third, late, low])
  })

  test('begins no job before it is due', async ({ harness }) => {
    const queue = await quietQueue(harness, 2)
    await harness.job(queue, { due: '1 minute', priority: 9 })
    const due = await harness.job(queue)

    expect(await harness.processJobs(queue)).toBe(1)

    expect(await harness.inProgress(queue)).toEqual([due])
  })

  test.for(['held', 'cancelled', 'success', 'failed'])('leaves a job alone that is %s', async (status, { harness }) => {
    const queue = await quietQueue(harness, 1)
    await harness.job(queue, { status })

    expect(await harness.processJobs(queue)).toBe(0)

    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('counts the attempt, locks the worker and gives a claim that no run has begun', async ({ harness }) => {
    const queue = await quietQueue(harness, 2)
    const job = await harness.job(queue, { attempts: 1 })

    await harness.processJobs(queue)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 2 })
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await harness.currentJob(job)).toMatchObject({ queue, dispatcher: null, begun_at: null, is_complete: false })
  })

  test('takes no worker of another queue', async ({ harness }) => {
    const [mail, push] = [await quietQueue(harness, 0), await quietQueue(harness, 3)]
    await harness.jobs(mail, 2)

    expect(await harness.processJobs(mail)).toBe(0)

    await harness.workers(mail, 1)
    expect(await harness.processJobs(mail)).toBe(1)
    expect(await harness.freeWorkers(push)).toBe(3)
  })

  test('does not wait for a job that a user holds, and begins the others', async ({ harness, another }) => {
    const queue = await quietQueue(harness, 3)
    const [first, second, third] = await harness.jobs(queue, 3)
    const user = await another()
    await user.begin()
    await user.hold('job', first as number)

    await harness.impatient()
    expect(await harness.processJobs(queue)).toBe(2)

    expect(await harness.inProgress(queue)).toEqual([second, third])
  })

  test('does not wait for a worker that a user holds, and workers jobs on the others', async ({ harness, another }) => {
    const queue = await quietQueue(harness, 0)
    const [first] = await harness.workers(queue, 3)
    await harness.jobs(queue, 3)
    const user = await another()
    await user.begin()
    await user.hold('worker', first as string)

    await harness.impatient()
    expect(await harness.processJobs(queue)).toBe(2)

    expect((await harness.currentJobs(queue)).map((row) => row.worker)).not.toContain(first)
  })

  test('of two sessions at once share the workers and do not wait for each other', async ({ harness, another }) => {
    const queue = await quietQueue(harness, 3)
    await harness.jobs(queue, 2)
    const other = await another()

    await harness.begin()
    expect(await harness.processJobs(queue)).toBe(2)
    await other.impatient()
    await other.jobs(queue, 5)
    expect(await other.processJobs(queue)).toBe(1)
    await harness.commit()

    expect(await harness.inProgress(queue)).toHaveLength(3)
    expect(await harness.freeWorkers(queue)).toBe(0)
  })

  test('never begins more jobs than there are workers, with six sessions pairing at once', async ({ harness, another }) => {
    const queue = await quietQueue(harness, 20)
    await harness.jobs(queue, 200)
    const sessions = [harness, await another(), await another(), await another(), await another(), await another()]

    const paired = await Promise.all(sessions.map(async (session) => {
      let sum = 0
      for (let i = 0; i < 10; i++) sum += await session.processJobs(queue)
      return sum
    }))

    expect(paired.reduce((sum, some) => sum + some)).toBe(20)
    expect(new Set((await harness.currentJobs(queue)).map((row) => row.worker)).size).toBe(20)
  })

  test('begins nothing in a paused queue', async ({ harness }) => {
    const queue = await quietQueue(harness, 1)
    await harness.job(queue)
    await harness.update('queue', queue, { paused: true })

    expect(await harness.processJobs(queue)).toBe(0)

    expect(await harness.inProgress(queue)).toEqual([])
  })

  test.for(['repeatable read', 'serializable'])('under %s only wakes', async (isolation, { harness }) => {
    const queue = await quietQueue(harness, 1)
    await harness.job(queue)

    const paired = await harness.transaction(() => harness.processJobs(queue), isolation)

    expect(paired).toBe(0)
    expect(await harness.inProgress(queue)).toEqual([])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('says where to look when there is no such queue', async ({ harness }) => {
    const unknown = randomUUID()

    expect(await refusal(harness.processJobs(unknown))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(unknown),
      hint: expect.stringContaining('select id, name from supaqueue.queue'),
    })
  })

  test('without a queue pairs in every queue that is not paused, and returns the sum', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const [one, two, paused] = [
      await quietQueue(harness, 2),
      await quietQueue(harness, 1),
      await quietQueue(harness, 1),
    ]
    for (const queue of [one, two, paused]) await harness.jobs(queue, 3)
    await harness.update('queue', paused, { paused: true })

    expect(await harness.processJobs()).toBe(3)

    expect(await harness.inProgress(one)).toHaveLength(2)
    expect(await harness.inProgress(two)).toHaveLength(1)
    expect(await harness.inProgress(paused)).toEqual([])
  })
})
