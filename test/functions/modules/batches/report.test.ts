import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const batchOf = async (house: House, count: number, settings: Parameters<House['queue']>[0] = {}) => {
  const queue = await house.queue({ workers: 1, batch_size: count, retry_base_ms: 0, ...settings })
  const run = randomUUID()
  await house.turn(run, queue)
  const jobs = await house.jobs(queue, count)
  const take = async () =>
    (await house.take(run, queue)).map(({ current_job, job }) => ({ token: current_job.id, job: job.id }))
  return { queue, run, jobs, take }
}

describe('the jobs of a batch end', () => {
  test('each as the answer said, and free one worker', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 4, { max_attempts: 1 })
    const [done, rejected, killed, dropped] = (await take()).map(({ token }) => token)

    await house.turn(run, queue, {
      reports: [
        { token: done!, outcome: 'success', result: { ok: true } },
        { token: rejected!, outcome: 'failed', error: 'no' },
        { token: killed!, outcome: 'killed', error: 'never' },
        { token: dropped!, outcome: 'dropped' },
      ],
    })

    const rows = await Promise.all(jobs.map((job) => house.jobRow(job)))
    expect(rows.map((row) => row?.status)).toEqual(['success', 'failed', 'failed', undefined])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('keep the worker as long as one of them is to be reported later', async ({ house }) => {
    const { queue, run, take } = await batchOf(house, 2)
    const [now, later] = (await take()).map(({ token }) => token)
    await house.turn(run, queue, {
      reports: [{ token: now!, outcome: 'success' }, { token: later!, outcome: 'later' }],
    })
    expect(await house.freeWorkers(queue)).toBe(0)

    await house.finish(later!, 'complete')
    expect(await house.freeWorkers(queue)).toBe(1)
  })
})

describe('a batch that died', () => {
  test('uses no attempt, and is called in halves until the poison stands alone, which then uses its own', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 8, { max_attempts: 2 })
    const poison = jobs[5]
    const sizes: number[] = []

    for (let calls = 0; calls < 40; calls++) {
      const call = await take()
      if (call.length === 0) break
      sizes.push(call.length)
      const dies = call.some(({ job }) => job === poison)
      const outcome = !dies ? 'success' as const : call.length > 1 ? 'divided' as const : 'unknown' as const
      await house.turn(run, queue, {
        reports: call.map(({ token }) => ({ token, outcome, error: dies ? 'HTTP 546' : undefined, retry_after_ms: 0 })),
      })
    }

    expect(sizes.sort((a, b) => b - a)).toEqual([8, 4, 4, 2, 2, 1, 1, 1])
    const rows = await Promise.all(jobs.map((job) => house.jobRow(job)))
    expect(rows.map(({ status }) => status)).toEqual(jobs.map((job) => job === poison ? 'failed' : 'success'))
    expect(rows.map(({ attempts }) => attempts)).toEqual(jobs.map((job) => job === poison ? 2 : 1))
    expect((await house.attempts(poison!)).map(({ outcome }) => outcome)).toEqual([
      'divided',
      'divided',
      'divided',
      'unknown',
      'unknown',
    ])
  })

  test('may be divided by two runs that report a part of it each', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 4)
    const tokens = (await take()).map(({ token }) => token)

    await house.report(run, queue, tokens.slice(0, 1), 'divided')
    await house.report(run, queue, tokens.slice(1), 'divided')

    const rows = await Promise.all(jobs.map((job) => house.jobRow(job)))
    expect(rows.map(({ batch_limit, attempts, status }) => [batch_limit, attempts, status])).toEqual(
      jobs.map(() => [2, 0, 'pending']),
    )
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('is found by the sweep when its lease ran out, and divided', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 3)
    const tokens = (await take()).map(({ token }) => token)
    await house.called(run, queue, tokens)
    await house.age('current_job', queue)

    await house.sweep()

    const rows = await Promise.all(jobs.map((job) => house.jobRow(job)))
    expect(rows.map(({ batch_limit, attempts }) => [batch_limit, attempts])).toEqual(jobs.map(() => [2, 0]))
    expect((await house.attempts(jobs[0]!)).map(({ outcome }) => outcome)).toEqual(['divided'])
  })

  test('loses one whose lease ran out in the middle, and keeps the others and their worker', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 2)
    const tokens = (await take()).map(({ token }) => token)
    await house.called(run, queue, tokens)
    await house.age('current_job', queue)
    await house.extend(tokens[1]!)
    await house.update('queue', queue, { paused: true })

    await house.sweep()
    expect(await house.freeWorkers(queue)).toBe(0)
    expect((await house.jobRow(jobs[0]!)).batch_limit).toBe(1)

    expect((await house.report(run, queue, tokens)).stale).toEqual([tokens[0]])
    expect((await house.jobRow(jobs[1]!)).status).toBe('success')
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('that had one job only has failed: it cannot be divided', async ({ house }) => {
    const { queue, run, jobs, take } = await batchOf(house, 1, { batch_size: 5 })
    const [{ token }] = await take() as unknown as [{ token: string }]

    await house.report(run, queue, [token], 'divided', { error: 'a dispatcher that errs' })

    expect((await house.jobRow(jobs[0]!)).status).toBe('failed')
  })

  test('forgets its halves when the job begins anew', async ({ house }) => {
    const { queue, jobs } = await batchOf(house, 1, { workers: 0 })
    await house.update('job', jobs[0]!, { status: 'failed', batch_limit: 1 })

    await house.db.query('select supaqueue.retry($1)', [jobs[0]])

    expect((await house.jobRow(jobs[0]!)).batch_limit).toBeNull()
    expect(queue).toBeTruthy()
  })
})

describe('the circuit', () => {
  test('counts a batch that was deferred as one call', async ({ house }) => {
    const { queue, run, take } = await batchOf(house, 10)
    const tokens = (await take()).map(({ token }) => token)

    await house.report(run, queue, tokens, 'deferred', { error: 'HTTP 429', retry_after_ms: 0 })

    expect(await house.circuit(queue)).toMatchObject({ failures: 1, open: false })
  })
})
