import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type House, house as houseOf, test } from '../../../support/house.ts'

/** A queue whose signal has been answered already, so that jobs wait for whoever pairs by hand. */
async function quietQueue(house: House, workers: number): Promise<string> {
  const queue = await house.queue({ workers })
  await house.turn(randomUUID(), queue)
  return queue
}

describe('process_jobs', () => {
  test('begins jobs of higher priority first, then those due for longer, then those inserted first', async ({ house }) => {
    const queue = await quietQueue(house, 0)
    await house.begin()
    const [late, low, second, first, high, third] = [
      await house.job(queue, { due: '-1 minute' }),
      await house.job(queue, { due: '-9 minutes', priority: -1 }),
      await house.job(queue, { due: '-5 minutes' }),
      await house.job(queue, { due: '-6 minutes' }),
      await house.job(queue, { priority: 7 }),
      await house.job(queue, { due: '-5 minutes' }),
    ]
    await house.commit()

    const order: number[] = []
    for (let i = 0; i < 6; i++) {
      await house.workers(queue, 1)
      await house.processJobs(queue)
      order.push(...(await house.inProgress(queue)).filter((job) => !order.includes(job)))
    }

    expect(order).toEqual([high, first, second, third, late, low])
  })

  test('begins no job before it is due', async ({ house }) => {
    const queue = await quietQueue(house, 2)
    await house.job(queue, { due: '1 minute', priority: 9 })
    const due = await house.job(queue)

    expect(await house.processJobs(queue)).toBe(1)

    expect(await house.inProgress(queue)).toEqual([due])
  })

  test.for(['held', 'cancelled', 'success', 'failed'])('leaves a job alone that is %s', async (status, { house }) => {
    const queue = await quietQueue(house, 1)
    await house.job(queue, { status })

    expect(await house.processJobs(queue)).toBe(0)

    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('counts the attempt, locks the worker and gives a claim that no run has begun', async ({ house }) => {
    const queue = await quietQueue(house, 2)
    const job = await house.job(queue, { attempts: 1 })

    await house.processJobs(queue)

    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 2 })
    expect(await house.freeWorkers(queue)).toBe(1)
    expect(await house.currentJob(job)).toMatchObject({ queue, dispatcher: null, begun_at: null, is_complete: false })
  })

  test('takes no worker of another queue', async ({ house }) => {
    const [mail, push] = [await quietQueue(house, 0), await quietQueue(house, 3)]
    await house.jobs(mail, 2)

    expect(await house.processJobs(mail)).toBe(0)

    await house.workers(mail, 1)
    expect(await house.processJobs(mail)).toBe(1)
    expect(await house.freeWorkers(push)).toBe(3)
  })

  test('does not wait for a job that a user holds, and begins the others', async ({ house, another }) => {
    const queue = await quietQueue(house, 3)
    const [first, second, third] = await house.jobs(queue, 3)
    const user = await another()
    await user.begin()
    await user.hold('job', first as number)

    await house.impatient()
    expect(await house.processJobs(queue)).toBe(2)

    expect(await house.inProgress(queue)).toEqual([second, third])
  })

  test('does not wait for a worker that a user holds, and workers jobs on the others', async ({ house, another }) => {
    const queue = await quietQueue(house, 0)
    const [first] = await house.workers(queue, 3)
    await house.jobs(queue, 3)
    const user = await another()
    await user.begin()
    await user.hold('worker', first as string)

    await house.impatient()
    expect(await house.processJobs(queue)).toBe(2)

    expect((await house.currentJobs(queue)).map((row) => row.worker)).not.toContain(first)
  })

  test('of two sessions at once share the workers and do not wait for each other', async ({ house, another }) => {
    const queue = await quietQueue(house, 3)
    await house.jobs(queue, 2)
    const other = await another()

    await house.begin()
    expect(await house.processJobs(queue)).toBe(2)
    await other.impatient()
    await other.jobs(queue, 5)
    expect(await other.processJobs(queue)).toBe(1)
    await house.commit()

    expect(await house.inProgress(queue)).toHaveLength(3)
    expect(await house.freeWorkers(queue)).toBe(0)
  })

  test('never begins more jobs than there are workers, with six sessions pairing at once', async ({ house, another }) => {
    const queue = await quietQueue(house, 20)
    await house.jobs(queue, 200)
    const sessions = [house, await another(), await another(), await another(), await another(), await another()]

    const paired = await Promise.all(sessions.map(async (session) => {
      let sum = 0
      for (let i = 0; i < 10; i++) sum += await session.processJobs(queue)
      return sum
    }))

    expect(paired.reduce((sum, some) => sum + some)).toBe(20)
    expect(new Set((await house.currentJobs(queue)).map((row) => row.worker)).size).toBe(20)
  })

  test('begins nothing in a paused queue', async ({ house }) => {
    const queue = await quietQueue(house, 1)
    await house.job(queue)
    await house.update('queue', queue, { paused: true })

    expect(await house.processJobs(queue)).toBe(0)

    expect(await house.inProgress(queue)).toEqual([])
  })

  test.for(['repeatable read', 'serializable'])('under %s only wakes', async (isolation, { house }) => {
    const queue = await quietQueue(house, 1)
    await house.job(queue)

    const paired = await house.transaction(() => house.processJobs(queue), isolation)

    expect(paired).toBe(0)
    expect(await house.inProgress(queue)).toEqual([])
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('says where to look when there is no such queue', async ({ house }) => {
    const unknown = randomUUID()

    expect(await refusal(house.processJobs(unknown))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(unknown),
      hint: expect.stringContaining('select id, name from supaqueue.queue'),
    })
  })

  test('without a queue pairs in every queue that is not paused, and returns the sum', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const [one, two, paused] = [
      await quietQueue(house, 2),
      await quietQueue(house, 1),
      await quietQueue(house, 1),
    ]
    for (const queue of [one, two, paused]) await house.jobs(queue, 3)
    await house.update('queue', paused, { paused: true })

    expect(await house.processJobs()).toBe(3)

    expect(await house.inProgress(one)).toHaveLength(2)
    expect(await house.inProgress(two)).toHaveLength(1)
    expect(await house.inProgress(paused)).toEqual([])
  })
})
