import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const pauseOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select paused, paused_until, paused_reason from supaqueue.queue where id = $1', [queue]))
    .rows[0]

describe('pause', () => {
  test('begins no job, lets those in progress end, and lets jobs be enqueued', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const running = await harness.job(queue)
    const [entry] = await harness.take(run, queue)

    await ask(harness, 'pause', { queue })
    const job = await harness.job(queue)
    await harness.processJobs(queue)

    expect(await harness.take(run, queue)).toEqual([])
    await harness.report(run, queue, [entry!.current_job.id])
    expect((await harness.jobRow(running)).status).toBe('success')
    expect((await harness.jobRow(job)).status).toBe('pending')
    expect(await pauseOf(harness, queue)).toEqual({ paused: true, paused_until: null, paused_reason: null })
  })

  test('says until when and why, and to pause again says so anew', async ({ harness }) => {
    const queue = await harness.queue()

    await ask(harness, 'pause', { queue, until: '2099-01-01T00:00:00Z', reason: 'supplier is down' })
    const first = await pauseOf(harness, queue)
    await ask(harness, 'pause', { queue })

    expect(first).toEqual({
      paused: true,
      paused_until: new Date('2099-01-01T00:00:00Z'),
      paused_reason: 'supplier is down',
    })
    expect(await pauseOf(harness, queue)).toEqual({ paused: true, paused_until: null, paused_reason: null })
  })

  test('leaves other queues alone', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]

    await ask(harness, 'pause', { queue })

    expect((await pauseOf(harness, other)).paused).toBe(false)
  })

  test('ends by the sweep once its time is over, and no sooner', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await ask(harness, 'pause', { queue, until: '2099-01-01', reason: 'night' })
    await harness.job(queue)
    await harness.sweep()
    const before = await pauseOf(harness, queue)

    await harness.update('queue', queue, { paused_until: '2001-01-01' })
    await harness.sweep()

    expect(before.paused).toBe(true)
    expect(await pauseOf(harness, queue)).toEqual({ paused: false, paused_until: null, paused_reason: null })
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test.for(['2001-01-01', 'infinity', '-infinity'])('refuses an end at %s', async (until, { harness }) => {
    const queue = await harness.queue()

    expect(await refusal(ask(harness, 'pause', { queue, until }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('resume'),
    })
    expect((await pauseOf(harness, queue)).paused).toBe(false)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'pause', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
