import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const pauseOf = async (house: House, queue: string) =>
  (await house.db.query('select paused, paused_until, paused_reason from supaqueue.queue where id = $1', [queue]))
    .rows[0]

describe('pause', () => {
  test('begins no job, lets those in progress end, and lets jobs be enqueued', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    const run = randomUUID()
    await house.turn(run, queue)
    const running = await house.job(queue)
    const [entry] = await house.take(run, queue)

    await ask(house, 'pause', { queue })
    const job = await house.job(queue)
    await house.processJobs(queue)

    expect(await house.take(run, queue)).toEqual([])
    await house.report(run, queue, [entry!.current_job.id])
    expect((await house.jobRow(running)).status).toBe('success')
    expect((await house.jobRow(job)).status).toBe('pending')
    expect(await pauseOf(house, queue)).toEqual({ paused: true, paused_until: null, paused_reason: null })
  })

  test('says until when and why, and to pause again says so anew', async ({ house }) => {
    const queue = await house.queue()

    await ask(house, 'pause', { queue, until: '2099-01-01T00:00:00Z', reason: 'supplier is down' })
    const first = await pauseOf(house, queue)
    await ask(house, 'pause', { queue })

    expect(first).toEqual({
      paused: true,
      paused_until: new Date('2099-01-01T00:00:00Z'),
      paused_reason: 'supplier is down',
    })
    expect(await pauseOf(house, queue)).toEqual({ paused: true, paused_until: null, paused_reason: null })
  })

  test('leaves other queues alone', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]

    await ask(house, 'pause', { queue })

    expect((await pauseOf(house, other)).paused).toBe(false)
  })

  test('ends by the sweep once its time is over, and no sooner', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await ask(house, 'pause', { queue, until: '2099-01-01', reason: 'night' })
    await house.job(queue)
    await house.sweep()
    const before = await pauseOf(house, queue)

    await house.update('queue', queue, { paused_until: '2001-01-01' })
    await house.sweep()

    expect(before.paused).toBe(true)
    expect(await pauseOf(house, queue)).toEqual({ paused: false, paused_until: null, paused_reason: null })
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test.for(['2001-01-01', 'infinity', '-infinity'])('refuses an end at %s', async (until, { house }) => {
    const queue = await house.queue()

    expect(await refusal(ask(house, 'pause', { queue, until }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('resume'),
    })
    expect((await pauseOf(house, queue)).paused).toBe(false)
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'pause', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
