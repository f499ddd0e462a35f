import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { inLine } from '../../../support/line.ts'

describe('a job that is changed', () => {
  test.for(
    [
      ['success', false],
      ['cancelled', false],
      ['failed', true],
      ['held', true],
      ['pending', true],
    ] as const,
  )('%s has a place: %s', async ([status, stays], { house }) => {
    const line = await inLine(house)
    const job = await line.job('a')
    await line.take()

    await house.update('job', job, { status })

    expect((await line.places()).length).toBe(stays ? 1 : 0)
  })

  test('has its place where it is now: another key, another queue', async ({ house }) => {
    const [line, other] = [await inLine(house), await inLine(house, { ordered: 'queue' })]
    const job = await line.job('a')

    await house.update('job', job, { concurrency_key: 'b' })
    expect(await line.places()).toEqual([{ line: '=b', job }])
    await house.update('job', job, { queue: other.queue })
    expect([await line.places(), await other.places()]).toEqual([[], [{ line: '', job }]])
    await house.update('job', job, { queue: await house.queue() })
    expect([await line.places(), await other.places()]).toEqual([[], []])
    await house.update('job', job, { queue: line.queue })
    expect(await line.places()).toEqual([{ line: '=b', job }])
  })

  test('keeps the others waiting though it failed: in the line of another key, and of another queue', async ({ house }) => {
    const [line, other] = [await inLine(house), await inLine(house, { ordered: 'queue' })]
    const job = await line.job('a')
    await line.take()
    await house.update('job', job, { status: 'failed' })

    await house.update('job', job, { concurrency_key: 'b' })
    expect(await line.places()).toEqual([{ line: '=b', job }])
    await house.update('job', job, { queue: other.queue })
    expect([await line.places(), await other.places()]).toEqual([[], [{ line: '', job }]])
  })

  test('keeps the others waiting when it is said to have failed, though it had ended', async ({ house }) => {
    const line = await inLine(house)
    const job = await line.job('a')
    await house.update('job', job, { status: 'cancelled' })
    expect(await line.places()).toEqual([])

    await house.update('job', job, { status: 'failed' })

    expect(await line.places()).toEqual([{ line: '=a', job }])
  })

  test('goes on keeping nobody waiting, if it failed before the queue was ordered', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { concurrency_key: 'a' })
    await house.update('job', job, { status: 'failed' })
    await house.update('queue', queue, { ordered: 'key' })

    await house.update('job', job, { concurrency_key: 'b' })

    const places = await house.db.query('select from supaqueue.place_in_line where queue = $1', [queue])
    expect(places.rowCount).toBe(0)
  })

  test('in what does not matter to its line changes nothing of it', async ({ house }) => {
    const line = await inLine(house)
    const job = await line.job('a')
    await line.take(0)
    await house.db.query('delete from supaqueue.line_change where queue = $1', [line.queue])

    await house.update('job', job, { payload: '{"n": 2}', progress_note: 'half' })

    expect((await house.db.query('select from supaqueue.line_change where queue = $1', [line.queue])).rowCount).toBe(0)
  })
})
