import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const mayBeginAgain = async (house: House, jobs: number[]): Promise<number[]> =>
  (await house.db.query('select supaqueue_internal.may_begin_again($1) as jobs', [jobs])).rows[0].jobs.map(Number)

const failed = async (house: House, queue: string, key: string | null = null): Promise<number> =>
  (await house.db.query(
    `insert into supaqueue.job (queue, status, dedupe_key) values ($1, 'failed', $2) returning id`,
    [queue, key],
  )).rows[0].id

describe('of failed jobs may begin again', () => {
  test('those that were not copied', async ({ house }) => {
    const queue = await house.queue()
    const [first, copied, last] = [await failed(house, queue), await failed(house, queue), await failed(house, queue)]
    await house.db.query('insert into supaqueue.job (queue, retry_of) values ($1, $2)', [queue, copied])

    expect(await mayBeginAgain(house, [last, copied, first])).toEqual([first, last])
  })

  test('the newest of those with one key, in each queue', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    const jobs = [
      await failed(house, queue, 'a'),
      await failed(house, queue, 'a'),
      await failed(house, other, 'a'),
      await failed(house, queue),
      await failed(house, queue),
    ]

    expect(await mayBeginAgain(house, jobs)).toEqual(jobs.slice(1))
  })

  test.for(['held', 'pending'])('none whose key another job has taken that is %s', async (status, { house }) => {
    const queue = await house.queue()
    const [taken, free] = [await failed(house, queue, 'taken'), await failed(house, queue, 'free')]
    await house.db.query('insert into supaqueue.job (queue, status, dedupe_key) values ($1, $2, $3)', [
      queue,
      status,
      'taken',
    ])

    expect(await mayBeginAgain(house, [taken, free])).toEqual([free])
  })
})
