import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { handle, type Job } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { testQueue } from '../../../../../supabase/functions/_shared/supaqueue/testing.ts'

const DAY = 86_400_000

describe('testQueue', () => {
  test('runs what handle made, with its schema, and what handle was given', async () => {
    const double = handle(z.object({ n: z.number() }), ({ n }, job) => job.step('double', () => 2 * n), {
      secret: 'any text of sixteen letters',
    })
    const queue = testQueue(double)
    const [fits, misfits] = [queue.enqueue({ n: 21 }), queue.enqueue({ n: 'x' })]

    await queue.run()

    expect(fits).toMatchObject({ status: 'success', result: 42, calls: 1 })
    expect(misfits).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('payload does not fit'),
      calls: 1,
    })
    const plain = testQueue((payload: { n: number }) => payload.n)
    const job = plain.enqueue({ n: 1 })
    await plain.run()
    expect(job.result).toBe(1)
  })

  test('lets days pass at once, and does what comes due on the way in its order', async () => {
    const begin = new Date('2030-01-01T00:00:00Z')
    const order: string[] = []
    const queue = testQueue(async ({ name, days }: { name: string; days: number }, job: Job) => {
      await job.sleep('nap', days * DAY)
      order.push(`${name} on ${queue.now.toISOString().slice(0, 10)}`)
    }, { now: begin })
    queue.enqueue({ name: 'late', days: 3 })
    const early = queue.enqueue({ name: 'early', days: 1 })
    await queue.run()
    expect(early.runsAt).toEqual(new Date('2030-01-02T00:00:00Z'))

    await queue.advance('4 days')

    expect(order).toEqual(['early on 2030-01-02', 'late on 2030-01-04'])
    expect(queue.now.getTime() - begin.getTime()).toBe(4 * DAY)
  })

  test('tries a job again with its delays, until it has failed for good', async () => {
    const queue = testQueue(() => {
      throw new Error('no')
    }, { maxAttempts: 3, retryDelay: '1 minute' })
    const job = queue.enqueue()

    await queue.run()
    expect(job).toMatchObject({ status: 'pending', calls: 1 })
    await queue.advance('1 minute')
    expect(job.calls).toBe(2)
    await queue.advance('2 minutes')

    expect(job).toMatchObject({ status: 'failed', error: 'no', calls: 3, failures: ['no', 'no', 'no'] })
  })

  test.each(['dieBefore', 'dieAfter'] as const)(
    '%s interrupts the call there, once, and uses no attempt',
    async (die) => {
      let ran = 0
      const queue = testQueue(async (_: unknown, job: Job) => {
        await job.step('a', () => void ran++)
        return await job.step('b', () => job.attempt)
      })
      const job = queue.enqueue()
      queue[die]('a')

      await queue.run()

      expect(job).toMatchObject({ status: 'success', result: 1, calls: 2 })
      expect(ran).toBe(die === 'dieBefore' ? 2 : 1)
    },
  )

  test('with deaths everywhere interrupts each step twice', async () => {
    const queue = testQueue(async (_: unknown, job: Job) => {
      await job.step('a', () => 1)
      await job.map('b', [1, 2], (n) => n)
      return 'done'
    }, { deaths: 'everywhere' })
    const job = queue.enqueue()

    await queue.run()

    expect(job).toMatchObject({ status: 'success', result: 'done', calls: 7 })
  })

  test('sends signals to a job and by a key, early and twice', async () => {
    const queue = testQueue(async (
      _: unknown,
      job: Job,
    ) => [await job.waitFor('a'), await job.waitFor('b', { key: 'order-1' })])
    const job = queue.enqueue()
    await queue.signal({ key: 'order-1' }, 'b', 2, { idempotencyKey: 'once' })
    await queue.signal({ key: 'order-1' }, 'b', 3, { idempotencyKey: 'once' })
    expect(job.status).toBe('pending')
    expect(job.runsAt).toBe(undefined)

    await queue.signal(job, 'a', { n: 1 })

    expect(job).toMatchObject({ status: 'success', result: [{ n: 1 }, 2] })
    await expect(queue.signal(job, 'a')).rejects.toMatchObject({ code: 'SQ409' })
  })

  test('knows the ways in which a job can end, continue and be held', async () => {
    const queue = testQueue((way: string, job: Job) => {
      if (way === 'kill') return job.kill('never')
      if (way === 'drop') return job.drop()
      if (way === 'park') return job.version === undefined ? job.park('of no version') : 'known'
      if (way === 'slices') {
        return (job.state as number ?? 0) < 2 ? job.continueWith((job.state as number ?? 0) + 1) : job.state
      }
      if (way === 'later') {
        return job.background(async () => {
          await job.progress(50, 'half')
          return await job.step('a', () => 'from the background')
        })
      }
    })
    const ways = Object.fromEntries(['kill', 'drop', 'park', 'slices', 'later'].map((way) => [way, queue.enqueue(way)]))
    const known = queue.enqueue('park', { version: 2 })

    await queue.run()

    expect(ways).toMatchObject({
      kill: { status: 'failed', error: 'never' },
      drop: { status: 'dropped' },
      park: { status: 'held', error: 'of no version' },
      slices: { status: 'success', result: 2, calls: 3 },
      later: { status: 'success', result: 'from the background', progress: { percent: 50, note: 'half' } },
    })
    expect(known).toMatchObject({ status: 'success', result: 'known' })
    await queue.release(ways.park!)
    expect(ways.park).toMatchObject({ status: 'held', calls: 2 })
  })
})
