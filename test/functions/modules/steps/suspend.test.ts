import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

const DAY = 86_400_000

describe('suspend', () => {
  test('ends the call until a sleep is over: the worker is free, no attempt is used, the token is gone', async ({ house }) => {
    const { queue, job, token } = await called(house)
    const { suspend, rows } = steps(house)

    const answer = await suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: 3 * DAY }])

    expect(answer).toMatchObject({ suspended: true })
    const row = await house.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 0 })
    expect(row.run_at - Date.now()).toBeGreaterThan(2.9 * DAY)
    expect(await house.freeWorkers(queue)).toBe(1)
    expect(await rows(job)).toMatchObject([{ name: 'remind', kind: 'sleep', status: 'sleeping' }])
    expect(await refusal(suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: 1 }]))).toMatchObject({
      code: 'SQ404',
    })
    expect(await house.attempts(job)).toMatchObject([{ outcome: 'rescheduled', error: 'sleeps: remind' }])
  })

  test('keeps the time of a sleep, whatever it is called with again', async ({ house }) => {
    const { queue, job, token } = await called(house)
    const { suspend, rows } = steps(house)
    await suspend(token, [{ name: 'remind', kind: 'sleep', after_ms: DAY }])
    const [{ until }] = await rows(job)
    await house.update('job', job, { run_at: new Date() })
    const [again] = await house.take(crypto.randomUUID(), queue)

    await suspend(again!.current_job.id, [{ name: 'remind', kind: 'sleep', after_ms: DAY * 9 }])

    expect((await rows(job))[0].until).toEqual(until)
    expect((await house.jobRow(job)).run_at).toEqual(until)
  })

  test('comes back when the first of several is over, at a date, too', async ({ house }) => {
    const { job, token } = await called(house)
    const at = new Date(Date.now() + DAY)

    await steps(house).suspend(token, [
      { name: 'later', kind: 'sleep', after_ms: 2 * DAY },
      { name: 'sooner', kind: 'sleep', at },
      { name: 'approval', kind: 'wait' },
    ])

    expect((await house.jobRow(job)).run_at.getTime()).toBe(at.getTime())
  })

  test('goes on at once when something is over already', async ({ house }) => {
    const { job, token } = await called(house)
    const { suspend, signal, rows } = steps(house)
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
    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress' })
    expect(await rows(job)).toMatchObject([{}, {}, { name: 'open', status: 'waiting' }])
    expect(await steps(house).sent(id)).toMatchObject({ taken_by: job })
  })

  test('waits without an end where no time is given', async ({ house }) => {
    const { job, token } = await called(house)

    await steps(house).suspend(token, [{ name: 'approval', kind: 'wait' }])

    expect((await house.jobRow(job)).run_at.getUTCFullYear()).toBe(9999)
  })

  test('a wait whose time is over ends without a signal, and takes none that comes later', async ({ house }) => {
    const { queue, job, token } = await called(house)
    const { suspend, pass, load, signal, sent } = steps(house)
    await suspend(token, [{ name: 'approval', kind: 'wait', after_ms: DAY }])
    await pass(job)
    const [again] = await house.take(crypto.randomUUID(), queue)

    const { steps: [seen] } = await load(again!.current_job.id)
    const late = await signal({ job, name: 'approval' })

    expect(seen).toMatchObject({ status: 'timed_out' })
    expect(await sent(late)).toMatchObject({ taken_by: null })
  })

  test('comes back at once for the next slice', async ({ house }) => {
    const { job, token } = await called(house)

    expect(await steps(house).suspend(token, [], true)).toMatchObject({ suspended: true })

    expect(await house.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect((await house.jobRow(job)).run_at.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
  })

  test('comes back when a step is to be tried again by its own retries', async ({ house }) => {
    const { queue, job, token } = await called(house)
    const { note, suspend, pass } = steps(house)
    await note(token, [{ name: 'charge', status: 'failed', attempt: 1, after_ms: DAY, error: 'no' }])

    await suspend(token, [{ name: 'charge' }])
    expect((await house.jobRow(job)).run_at - Date.now()).toBeGreaterThan(0.9 * DAY)

    await pass(job)
    const [again] = await house.take(crypto.randomUUID(), queue)
    expect(await suspend(again!.current_job.id, [{ name: 'charge' }])).toMatchObject({
      suspended: false,
      steps: [{ name: 'charge', status: 'failed' }],
    })
  })

  test('is refused without anything to wait for, to a stale token, and for what is not valid', async ({ house }) => {
    const { queue, token } = await called(house)
    const { suspend } = steps(house)

    expect(await refusal(suspend(token))).toMatchObject({ code: 'SQ422' })
    expect(await refusal(suspend(token, [{ name: '', kind: 'sleep' }]))).toMatchObject({ code: 'SQ422' })
    await house.age('current_job', queue)
    expect(await refusal(suspend(token, [{ name: 'a', kind: 'sleep', after_ms: 1 }]))).toMatchObject({ code: 'SQ404' })
  })

  test('of a consumer that pulls ends its claim the same way', async ({ house }) => {
    const queue = await house.queue({ workers: 1, mode: 'pull' })
    const job = await house.job(queue)
    const { rows: [picked] } = await house.db.query('select * from unnest(supaqueue.pick($1))', [queue])

    await steps(house).suspend(picked.token, [{ name: 'remind', kind: 'sleep', after_ms: DAY }])

    expect(await house.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await house.freeWorkers(queue)).toBe(1)
  })
})
