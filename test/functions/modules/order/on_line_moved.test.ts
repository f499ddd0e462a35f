import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
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
  )('%s has a place: %s', async ([status, stays], { harness }) => {
    const line = await inLine(harness)
    const job = await line.job('a')
    await line.take()

    await harness.update('job', job, { status })

    expect((await line.places()).length).toBe(stays ? 1 : 0)
  })

  test('has its place where it is now: another key, another queue', async ({ harness }) => {
    const [line, other] = [await inLine(harness), await inLine(harness, { ordered: 'queue' })]
    const job = await line.job('a')

    await harness.update('job', job, { concurrency_key: 'b' })
    expect(await line.places()).toEqual([{ line: '=b', job }])
    await harness.update('job', job, { queue: other.queue })
    expect([await line.places(), await other.places()]).toEqual([[], [{ line: '', job }]])
    await harness.update('job', job, { queue: await harness.queue() })
    expect([await line.places(), await other.places()]).toEqual([[], []])
    await harness.update('job', job, { queue: line.queue })
    expect(await line.places()).toEqual([{ line: '=b', job }])
  })

  test('keeps the others waiting though it failed: in the line of another key, and of another queue', async ({ harness }) => {
    const [line, other] = [await inLine(harness), await inLine(harness, { ordered: 'queue' })]
    const job = await line.job('a')
    await line.take()
    await harness.update('job', job, { status: 'failed' })

    await harness.update('job', job, { concurrency_key: 'b' })
    expect(await line.places()).toEqual([{ line: '=b', job }])
    await harness.update('job', job, { queue: other.queue })
    expect([await line.places(), await other.places()]).toEqual([[], [{ line: '', job }]])
  })

  test('keeps the others waiting when it is said to have failed, though it had ended', async ({ harness }) => {
    const line = await inLine(harness)
    const job = await line.job('a')
    await harness.update('job', job, { status: 'cancelled' })
    expect(await line.places()).toEqual([])

    await harness.update('job', job, { status: 'failed' })

    expect(await line.places()).toEqual([{ line: '=a', job }])
  })

  test('goes on keeping nobody waiting, if it failed before the queue was ordered', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { concurrency_key: 'a' })
    await harness.update('job', job, { status: 'failed' })
    await harness.update('queue', queue, { ordered: 'key' })

    await harness.update('job', job, { concurrency_key: 'b' })

    const places = await harness.db.query('select from supaqueue.place_in_line where queue = $1', [queue])
    expect(places.rowCount).toBe(0)
  })

  test('in what does not matter to its line changes nothing of it', async ({ harness }) => {
    const line = await inLine(harness)
    const job = await line.job('a')
    await line.take(0)
    await harness.db.query('delete from supaqueue.line_change where queue = $1', [line.queue])

    await harness.update('job', job, { payload: '{"n": 2}', progress_note: 'half' })

    expect((await harness.db.query('select from supaqueue.line_change where queue = $1', [line.queue])).rowCount).toBe(
      0,
    )
  })
})
