import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

const DAY = 86_400_000

describe('suspend', () => {
  test('ends the call until a sleep is over: the worker is free, no attempt is used, the token is gone', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { suspend, rows } = steps(harness)

    const answer = await suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: 3 * DAY }])

    expect(answer).toMatchObject({ suspended: true })
    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 0 })
    expect(row.run_at - Date.now()).toBeGreaterThan(2.9 * DAY)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await rows(job)).toMatchObject([{ name: 'remind', kind: 'sleep', status: 'sleeping' }])
    expect(await refusal(suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: 1 }]))).toMatchObject({
      code: 'SQ404',
    })
    expect(await harness.attempts(job)).toMatchObject([{ outcome: 'rescheduled', error: 'sleeps: remind' }])
  })

  test('keeps the time of a sleep, whatever it is called with again', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { suspend, rows } = steps(harness)
    await suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: DAY }])
    const [{ until }] = await rows(job)
    await harness.update('job', job, { run_at: new Date() })
    const [again] = await harness.take(crypto.randomUUID(), queue)

    await suspend(again!.current_job.id, [{ name: 'remind', kind: 'sleep', after_ms: DAY * 9 }])

    expect((await rows(job))[0].until).toEqual(until)
    expect((await harness.jobRow(job)).run_at).toEqual(until)
  })

  test('comes back when the first of several is over, at a date, too', async ({ harness }) => {
    const { job, token } = await called(harness)
    const at = new Date(Date.now() + DAY)

    await steps(harness).suspend(token, [
      { name: 'later', kind: 'sleep', after_ms: 2 * DAY },
      { name: 'sooner', kind: 'sleep', at },
      { name: 'approval', kind: 'wait' },
    ])

    expect((await harness.jobRow(job)).run_at.getTime()).toBe(at.getTime())
  })

  test('goes on at once when something is over already', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { suspend, signal, rows } = steps(harness)
    const id = await signal({ job, name: 'approval', payload: { by: 'Ada' } })

    const answer = await suspend(token, [
      { name: 'past', kind: 'sleep', at: '2020-01-01T00:00:00Z' },
      { name: 'approval', kind: 'wait', after_ms: DAY },
      { name: 'open', kind: 'wait' },
    ])

    expect(answer).toMatchObject({
      suspended: false,
      steps: [{ name: 'past', status: 'done' }, { name: 'approval', status: 'done', result: { by: 'Ada' } }],
    })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress' })
    expect(await rows(job)).toMatchObject([{}, {}, { name: 'open', status: 'waiting' }])
    expect(await steps(harness).sent(id)).toMatchObject({ taken_by: job })
  })

  test('waits without an end where no time is given', async ({ harness }) => {
    const { job, token } = await called(harness)

    await steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])

    expect((await harness.jobRow(job)).run_at.getUTCFullYear()).toBe(9999)
  })

  test('a wait whose time is over ends without a signal, and takes none that comes later', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { suspend, pass, load, signal, sent } = steps(harness)
    await suspend(token, [{ name: 'approval', kind: 'wait', after_ms: DAY }])
    await pass(job)
    const [again] = await harness.take(crypto.randomUUID(), queue)

    const { steps: [seen] } = await load(again!.current_job.id)
    const late = await signal({ job, name: 'approval' })

    expect(seen).toMatchObject({ status: 'timed_out' })
    expect(await sent(late)).toMatchObject({ taken_by: null })
  })

  test('comes back at once for the next slice', async ({ harness }) => {
    const { job, token } = await called(harness)

    expect(await steps(harness).suspend(token, [], true)).toMatchObject({ suspended: true })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect((await harness.jobRow(job)).run_at.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
  })

  test('comes back when a step is to be tried again by its own retries', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { note, suspend, pass } = steps(harness)
    await note(token, [{ name: 'charge', status: 'failed', attempt: 1, after_ms: DAY, error: 'no' }])

    await suspend(token, [{ name: 'charge' }])
    expect((await harness.jobRow(job)).run_at - Date.now()).toBeGreaterThan(0.9 * DAY)

    await pass(job)
    const [again] = await harness.take(crypto.randomUUID(), queue)
    expect(await suspend(again!.current_job.id, [{ name: 'charge' }])).toMatchObject({
      suspended: false,
      steps: [{ name: 'charge', status: 'failed' }],
    })
  })

  test('is refused without anything to wait for, to a stale token, and for what is not valid', async ({ harness }) => {
    const { queue, token } = await called(harness)
    const { suspend } = steps(harness)

    expect(await refusal(suspend(token))).toMatchObject({ code: 'SQ422' })
    expect(await refusal(suspend(token, [{ name: '', kind: 'sleep' }]))).toMatchObject({ code: 'SQ422' })
    await harness.age('current_job', queue)
    expect(await refusal(suspend(token, [{ name: 'a', kind: 'sleep', after_ms: 1 }]))).toMatchObject({ code: 'SQ404' })
  })

  test('of a consumer that pulls ends its claim the same way', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, mode: 'pull' })
    const job = await harness.job(queue)
    const { rows: [picked] } = await harness.db.query('select * from unnest(supaqueue.pick($1))', [queue])

    await steps(harness).suspend(picked.token, [{ name: 'remind', kind: 'sleep', after_ms: DAY }])

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})
