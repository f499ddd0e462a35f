import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const workersOf = async (house: House, queue: string): Promise<number> =>
  (await house.db.query('select count(*) from supaqueue.worker where queue = $1', [queue])).rows[0].count

const run = randomUUID()

describe('set_concurrency', () => {
  test('adds the workers that are missing, and they begin at once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const jobs = await house.jobs(queue, 5)
    await house.age('heartbeat', queue)

    expect(await ask(house, 'set_concurrency', { queue, calls: 3 })).toBe(2)

    expect(await house.inProgress(queue)).toEqual(jobs.slice(0, 3))
  })

  test('as it is changes nothing', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })

    expect(await ask(house, 'set_concurrency', { queue, calls: 2 })).toBe(0)
    expect(await workersOf(house, queue)).toBe(2)
  })

  test('takes free workers away first', async ({ house }) => {
    const queue = await house.queue({ workers: 5 })
    await house.jobs(queue, 2)
    const busy = (await house.currentJobs(queue)).map((current) => current.worker)

    expect(await ask(house, 'set_concurrency', { queue, calls: 2 })).toBe(-3)

    expect((await house.currentJobs(queue)).map((current) => current.worker)).toEqual(busy)
    expect(await workersOf(house, queue)).toBe(2)
  })

  test('lets the job of a retired worker end, and begins no other in its place', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.turn(run, queue)
    const jobs = await house.jobs(queue, 4)
    const tokens = (await house.take(run, queue)).map((entry) => entry.current_job.id)

    expect(await ask(house, 'set_concurrency', { queue, calls: 1 })).toBe(-1)
    expect(await house.inProgress(queue)).toEqual(jobs.slice(0, 2))
    const answer = await house.turn(run, queue, {
      reports: tokens.map((token) => ({ token, outcome: 'success' })),
      room: 25,
    })

    expect(answer.stale).toEqual([])
    expect((await house.jobRow(jobs[0]!)).status).toBe('success')
    expect((await house.jobRow(jobs[1]!)).status).toBe('success')
    expect(answer.jobs).toHaveLength(1)
  })

  test('to 0 begins no job any more', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })

    expect(await ask(house, 'set_concurrency', { queue, calls: 0 })).toBe(-2)
    await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([])
  })

  test('leaves the workers of other queues alone', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue({ workers: 4 })]

    await ask(house, 'set_concurrency', { queue, calls: 0 })

    expect(await workersOf(house, other)).toBe(4)
  })

  test('by two at once ends with what the last one said', async ({ house, another }) => {
    const queue = await house.queue()
    const [first, second] = [await another(), await another()]
    await first.begin()
    await ask(first, 'set_concurrency', { queue, calls: 5 })

    const later = ask(second, 'set_concurrency', { queue, calls: 3 })
    await until(() => house.isBlocked(second))
    await first.commit()

    expect(await later).toBe(-2)
    expect(await workersOf(house, queue)).toBe(3)
  })

  test('keeps nobody from enqueueing while its transaction is open', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    const user = await another()
    await user.begin()
    await ask(user, 'set_concurrency', { queue, calls: 1 })
    await house.impatient()

    const job = await house.job(queue)

    expect(await house.jobRow(job)).toBeDefined()
    await user.rollback()
  })

  test('up and down while turns go on loses no job', async ({ house, another }) => {
    const queue = await house.queue({ workers: 5 })
    const dispatcher = await another()
    await house.turn(run, queue)
    const jobs = await house.jobs(queue, 300)
    let done = 0
    let changing = true

    const change = (async () => {
      for (let i = 0; i < 40; i++) await ask(house, 'set_concurrency', { queue, calls: 1 + i % 7 })
      changing = false
    })()
    let reports: { token: string; outcome: 'success' }[] = []
    while (changing || done < jobs.length) {
      const answer = await dispatcher.turn(run, queue, { reports, room: 7 })
      done += reports.length - answer.again.length - answer.stale.length
      expect(answer.stale).toEqual([])
      reports = [...answer.again, ...answer.jobs.map((entry) => entry.current_job.id)]
        .map((token) => ({ token, outcome: 'success' as const }))
    }
    await change

    const { rows } = await house.db.query(
      'select status, attempts, count(*) from supaqueue.job where queue = $1 group by 1, 2',
      [queue],
    )
    expect(rows).toEqual([{ status: 'success', attempts: 1, count: 300 }])
    expect(await workersOf(house, queue)).toBe(1 + 39 % 7)
  })

  test.for([-1, 10_001, null])('refuses %s', async (calls, { house }) => {
    const queue = await house.queue({ workers: 1 })

    expect(await refusal(ask(house, 'set_concurrency', { queue, calls }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('pause'),
    })
    expect(await workersOf(house, queue)).toBe(1)
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'set_concurrency', { queue: randomUUID(), calls: 1 }))).code).toBe('SQ404')
  })
})
