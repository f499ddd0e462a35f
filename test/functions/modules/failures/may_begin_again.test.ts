import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const mayBeginAgain = async (harness: Harness, jobs: number[]): Promise<number[]> =>
  (await harness.db.query('select supaqueue_internal.may_begin_again($1) as jobs', [jobs])).rows[0].jobs.map(Number)

const failed = async (harness: Harness, queue: string, key: string | null = null): Promise<number> =>
  (await harness.db.query(
    `insert into supaqueue.job (queue, status, dedupe_key) values ($1, 'failed', $2) returning id`,
    [queue, key],
  )).rows[0].id

describe('of failed jobs may begin again', () => {
  test('those that were not copied', async ({ harness }) => {
    const queue = await harness.queue()
    const [first, copied, last] = [
      await failed(harness, queue),
      await failed(harness, queue),
      await failed(harness, queue),
    ]
    await harness.db.query('insert into supaqueue.job (queue, retry_of) values ($1, $2)', [queue, copied])

    expect(await mayBeginAgain(harness, [last, copied, first])).toEqual([first, last])
  })

  test('the newest of those with one key, in each queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const jobs = [
      await failed(harness, queue, 'a'),
      await failed(harness, queue, 'a'),
      await failed(harness, other, 'a'),
      await failed(harness, queue),
      await failed(harness, queue),
    ]

    expect(await mayBeginAgain(harness, jobs)).toEqual(jobs.slice(1))
  })

  test.for(['held', 'pending'])('none whose key another job has taken that is %s', async (status, { harness }) => {
    const queue = await harness.queue()
    const [taken, free] = [await failed(harness, queue, 'taken'), await failed(harness, queue, 'free')]
    await harness.db.query('insert into supaqueue.job (queue, status, dedupe_key) values ($1, $2, $3)', [
      queue,
      status,
      'taken',
    ])

    expect(await mayBeginAgain(harness, [taken, free])).toEqual([free])
  })
})
