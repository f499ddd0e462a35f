import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const workersOf = async (harness: Harness, queue: string): Promise<number> =>
  (await harness.db.query('select count(*) from supaqueue.worker where queue = $1', [queue])).rows[0].count

const run = randomUUID()

describe('set_concurrency', () => {
  test('adds the workers that are missing, and they begin at once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const jobs = await harness.jobs(queue, 5)
    await harness.age('heartbeat', queue)

    expect(await ask(harness, 'set_concurrency', { queue, calls: 3 })).toBe(2)

    expect(await harness.inProgress(queue)).toEqual(jobs.slice(0, 3))
  })

  test('as it is changes nothing', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })

    expect(await ask(harness, 'set_concurrency', { queue, calls: 2 })).toBe(0)
    expect(await workersOf(harness, queue)).toBe(2)
  })

  test('takes free workers away first', async ({ harness }) => {
    const queue = await harness.queue({ workers: 5 })
    await harness.jobs(queue, 2)
    const busy = (await harness.currentJobs(queue)).map((current) => current.worker)

    expect(await ask(harness, 'set_concurrency', { queue, calls: 2 })).toBe(-3)

    expect((await harness.currentJobs(queue)).map((current) => current.worker)).toEqual(busy)
    expect(await workersOf(harness, queue)).toBe(2)
  })

  test('lets the job of a retired worker end, and begins no other in its place', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.turn(run, queue)
    const jobs = await harness.jobs(queue, 4)
    const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)

    expect(await ask(harness, 'set_concurrency', { queue, calls: 1 })).toBe(-1)
    expect(await harness.inProgress(queue)).toEqual(jobs.slice(0, 2))
    const answer = await harness.turn(run, queue, {
      reports: tokens.map((token) => ({ token, outcome: 'success' })),
      room: 25,
    })

    expect(answer.stale).toEqual([])
    expect((await harness.jobRow(jobs[0]!)).status).toBe('success')
    expect((await harness.jobRow(jobs[1]!)).status).toBe('success')
    expect(answer.jobs).toHaveLength(1)
  })

  test('to 0 begins no job any more', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })

    expect(await ask(harness, 'set_concurrency', { queue, calls: 0 })).toBe(-2)
    await harness.job(queue)

    expect(await harness.inProgress(queue)).toEqual([])
  })

  test('leaves the workers of other queues alone', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 4 })]

    await ask(harness, 'set_concurrency', { queue, calls: 0 })

    expect(await workersOf(harness, other)).toBe(4)
  })

  test('by two at once ends with what the last one said', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [first, second] = [await another(), await another()]
    await first.begin()
    await ask(first, 'set_concurrency', { queue, calls: 5 })

    const later = ask(second, 'set_concurrency', { queue, calls: 3 })
    await until(() => harness.isBlocked(second))
    await first.commit()

    expect(await later).toBe(-2)
    expect(await workersOf(harness, queue)).toBe(3)
  })

  test('keeps nobody from enqueueing while its transaction is open', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    const user = await another()
    await user.begin()
    await ask(user, 'set_concurrency', { queue, calls: 1 })
    await harness.impatient()

    const job = await harness.job(queue)

    expect(await harness.jobRow(job)).toBeDefined()
    await user.rollback()
  })

  test('up and down while turns go on loses no job', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 5 })
    const dispatcher = await another()
    await harness.turn(run, queue)
    const jobs = await harness.jobs(queue, 300)
    let done = 0
    let changing = true

    const change = (async () => {
      for (let i = 0; i < 40; i++) await ask(harness, 'set_concurrency', { queue, calls: 1 + i % 7 })
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

    const { rows } = await harness.db.query(
      'select status, attempts, count(*) from supaqueue.job where queue = $1 group by 1, 2',
      [queue],
    )
    expect(rows).toEqual([{ status: 'success', attempts: 1, count: 300 }])
    expect(await workersOf(harness, queue)).toBe(1 + 39 % 7)
  })

  test.for([-1, 10_001, null])('refuses %s', async (calls, { harness }) => {
    const queue = await harness.queue({ workers: 1 })

    expect(await refusal(ask(harness, 'set_concurrency', { queue, calls }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('pause'),
    })
    expect(await workersOf(harness, queue)).toBe(1)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'set_concurrency', { queue: randomUUID(), calls: 1 }))).code).toBe('SQ404')
  })
})
