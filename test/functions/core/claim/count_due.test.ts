import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const countDue = async (harness: Harness, queue: string, { at = '0 seconds', most = 10 } = {}): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.count_due($1, clock_timestamp() + $2::interval, $3) as due', [
    queue,
    at,
    most,
  ])).rows[0].due

describe('count_due', () => {
  test('counts the pending jobs of the queue that are due by then, whatever their priority', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await harness.job(queue)
    await harness.job(queue, { priority: 5, due: '-1 minute' })
    await harness.job(queue, { priority: -5 })
    await harness.job(queue, { priority: 5, due: '1 minute' })
    await harness.job(queue, { status: 'held' })
    await harness.job(other)

    expect(await countDue(harness, queue)).toBe(3)
    expect(await countDue(harness, queue, { at: '2 minutes' })).toBe(4)
    expect(await countDue(harness, queue, { at: '-30 seconds' })).toBe(1)
  })

  test('stops counting at the most it was asked for, also across priorities', async ({ harness }) => {
    const queue = await harness.queue()
    for (const priority of [3, 3, 2, 2, 1]) await harness.job(queue, { priority })

    expect(await countDue(harness, queue, { most: 3 })).toBe(3)
    expect(await countDue(harness, queue, { most: 1 })).toBe(1)
  })

  test('counts none in an empty queue', async ({ harness }) => {
    expect(await countDue(harness, await harness.queue())).toBe(0)
  })

  test.for(
    [
      ['planned jobs of higher priority', `'pending', 9, now() + interval '1 day'`],
      ['finished jobs', `'success', 9, now() - interval '1 day'`],
      ['due jobs', `'pending', 0, now() - interval '1 day'`],
    ] as const,
  )('reads the same few pages whether or not there are 20,000 %s', async ([, values], { harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, status, priority, run_at) select $1, ${values} from generate_series(1, 20000)`,
      [queue],
    )
    await harness.job(queue)

    const pages = await harness.pagesRead('select supaqueue_internal.count_due($1, clock_timestamp())', [queue])

    expect(await countDue(harness, queue, { most: 1 })).toBe(1)
    expect(pages).toBeLessThan(60)
  })
})
