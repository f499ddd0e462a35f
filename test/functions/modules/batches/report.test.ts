import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const batchOf = async (harness: Harness, count: number, settings: Parameters<Harness['queue']>[0] = {}) => {
  const queue = await harness.queue({ workers: 1, batch_size: count, retry_base_ms: 0, ...settings })
  const run = randomUUID()
  await harness.turn(run, queue)
  const jobs = await harness.jobs(queue, count)
  const take = async () =>
    (await harness.take(run, queue)).map(({ current_job, job }) => ({ token: current_job.id, job: job.id }))
  return { queue, run, jobs, take }
}

describe('the jobs of a batch end', () => {
  test('each as the answer said, and free one worker', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 4, { max_attempts: 1 })
    const [done, rejected, killed, dropped] = (await take()).map(({ token }) => token)

    await harness.turn(run, queue, {
      reports: [
        { token: done!, outcome: 'success', result: { ok: true } },
        { token: rejected!, outcome: 'failed', error: 'no' },
        { token: killed!, outcome: 'killed', error: 'never' },
        { token: dropped!, outcome: 'dropped' },
      ],
    })

    const rows = await Promise.all(jobs.map((job) => harness.jobRow(job)))
    expect(rows.map((row) => row?.status)).toEqual(['success', 'failed', 'failed', undefined])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('keep the worker as long as one of them is to be reported later', async ({ harness }) => {
    const { queue, run, take } = await batchOf(harness, 2)
    const [now, later] = (await take()).map(({ token }) => token)
    await harness.turn(run, queue, {
      reports: [{ token: now!, outcome: 'success' }, { token: later!, outcome: 'later' }],
    })
    expect(await harness.freeWorkers(queue)).toBe(0)

    await harness.finish(later!, 'complete')
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})

describe('a batch that died', () => {
  test('uses no attempt, and is called in halves until the poison stands alone, which then uses its own', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 8, { max_attempts: 2 })
    const poison = jobs[5]
    const sizes: number[] = []

    for (let calls = 0; calls < 40; calls++) {
      const call = await take()
      if (call.length === 0) break
      sizes.push(call.length)
      const dies = call.some(({ job }) => job === poison)
      const outcome = !dies ? 'success' as const : call.length > 1 ? 'divided' as const : 'unknown' as const
      await harness.turn(run, queue, {
        reports: call.map(({ token }) => ({ token, outcome, error: dies ? 'HTTP 546' : undefined, retry_after_ms: 0 })),
      })
    }

    expect(sizes.sort((a, b) => b - a)).toEqual([8, 4, 4, 2, 2, 1, 1, 1])
    const rows = await Promise.all(jobs.map((job) => harness.jobRow(job)))
    expect(rows.map(({ status }) => status)).toEqual(jobs.map((job) => job === poison ? 'failed' : 'success'))
    expect(rows.map(({ attempts }) => attempts)).toEqual(jobs.map((job) => job === poison ? 2 : 1))
    expect((await harness.attempts(poison!)).map(({ outcome }) => outcome)).toEqual([
      'divided',
      'divided',
      'divided',
      'unknown',
      'unknown',
    ])
  })

  test('may be divided by two runs that report a part of it each', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 4)
    const tokens = (await take()).map(({ token }) => token)

    await harness.report(run, queue, tokens.slice(0, 1), 'divided')
    await harness.report(run, queue, tokens.slice(1), 'divided')

    const rows = await Promise.all(jobs.map((job) => harness.jobRow(job)))
    expect(rows.map(({ batch_limit, attempts, status }) => [batch_limit, attempts, status])).toEqual(
      jobs.map(() => [2, 0, 'pending']),
    )
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('is found by the sweep when its lease ran out, and divided', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 3)
    const tokens = (await take()).map(({ token }) => token)
    await harness.called(run, queue, tokens)
    await harness.age('current_job', queue)

    await harness.sweep()

    const rows = await Promise.all(jobs.map((job) => harness.jobRow(job)))
    expect(rows.map(({ batch_limit, attempts }) => [batch_limit, attempts])).toEqual(jobs.map(() => [2, 0]))
    expect((await harness.attempts(jobs[0]!)).map(({ outcome }) => outcome)).toEqual(['divided'])
  })

  test('loses one whose lease ran out in the middle, and keeps the others and their worker', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 2)
    const tokens = (await take()).map(({ token }) => token)
    await harness.called(run, queue, tokens)
    await harness.age('current_job', queue)
    await harness.extend(tokens[1]!)
    await harness.update('queue', queue, { paused: true })

    await harness.sweep()
    expect(await harness.freeWorkers(queue)).toBe(0)
    expect((await harness.jobRow(jobs[0]!)).batch_limit).toBe(1)

    expect((await harness.report(run, queue, tokens)).stale).toEqual([tokens[0]])
    expect((await harness.jobRow(jobs[1]!)).status).toBe('success')
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('that had one job only has failed: it cannot be divided', async ({ harness }) => {
    const { queue, run, jobs, take } = await batchOf(harness, 1, { batch_size: 5 })
    const [{ token }] = await take() as unknown as [{ token: string }]

    await harness.report(run, queue, [token], 'divided', { error: 'a dispatcher that errs' })

    expect((await harness.jobRow(jobs[0]!)).status).toBe('failed')
  })

  test('forgets its halves when the job begins anew', async ({ harness }) => {
    const { queue, jobs } = await batchOf(harness, 1, { workers: 0 })
    await harness.update('job', jobs[0]!, { status: 'failed', batch_limit: 1 })

    await harness.db.query('select supaqueue.retry($1)', [jobs[0]])

    expect((await harness.jobRow(jobs[0]!)).batch_limit).toBeNull()
    expect(queue).toBeTruthy()
  })
})

describe('the circuit', () => {
  test('counts a batch that was deferred as one call', async ({ harness }) => {
    const { queue, run, take } = await batchOf(harness, 10)
    const tokens = (await take()).map(({ token }) => token)

    await harness.report(run, queue, tokens, 'deferred', { error: 'HTTP 429', retry_after_ms: 0 })

    expect(await harness.circuit(queue)).toMatchObject({ failures: 1, open: false })
  })
})
