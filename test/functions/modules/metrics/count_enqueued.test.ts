import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

/** Counts until nothing is left that could be counted now: first up to the mark of before, then up to its own. */
async function countAll(harness: Harness, most = 100_000): Promise<void> {
  for (let times = 0; times < 5; times++) {
    await harness.db.query(`update supaqueue.last_count set marked_at = now() - interval '2 seconds'`)
    await harness.db.query('select supaqueue_internal.count_enqueued($1)', [most])
  }
}

/** The same, as often as it takes: a transaction of any database of the cluster that is still open puts the count off. */
const countUntil = async (harness: Harness, queue: string, jobs: number): Promise<void> =>
  void await until(async () => {
    await countAll(harness)
    return await counted(harness, queue) >= jobs
  })

const counted = async (harness: Harness, queue: string): Promise<number> =>
  Number(
    (await harness.db.query(
      'select coalesce(sum(enqueued), 0) as jobs from supaqueue.counter_delta where queue = $1',
      [queue],
    )).rows[0].jobs,
  )

describe('count_enqueued', () => {
  test('counts each job once, by queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await harness.jobs(queue, 5)
    await harness.jobs(other, 2)
    await countUntil(harness, queue, 5)
    await harness.jobs(queue, 3)
    await countUntil(harness, queue, 8)

    expect(await counted(harness, queue)).toBe(8)
    expect(await counted(harness, other)).toBe(2)
  })

  test('counts no job that was rolled back', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.transaction(async () => {
      await harness.jobs(queue, 5)
      throw new Error('no')
    }).catch(() => {})
    await harness.jobs(queue, 1)

    await countUntil(harness, queue, 1)

    expect(await counted(harness, queue)).toBe(1)
  })

  test('counts a job that was inserted before others and committed after them', async ({ harness, another }) => {
    const queue = await harness.queue()
    const slow = await another('service_role')
    await slow.db.query('begin')
    await slow.jobs(queue, 1)
    await harness.jobs(queue, 2)

    await countAll(harness)
    const before = await counted(harness, queue)
    await slow.db.query('commit')
    await countUntil(harness, queue, 3)

    expect(before).toBe(0)
    expect(await counted(harness, queue)).toBe(3)
  })

  test('counts at most as many at once as asked for', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.jobs(queue, 5)

    const counts: number[] = []
    await until(async () => {
      await harness.db.query(`update supaqueue.last_count set marked_at = now() - interval '2 seconds'`)
      const { rows } = await harness.db.query('select supaqueue_internal.count_enqueued(3) as jobs')
      counts.push(rows[0].jobs)
      return await counted(harness, queue) >= 5
    })

    expect(await counted(harness, queue)).toBe(5)
    expect(Math.max(...counts)).toBe(3)
  })

  test('lets a second for who has an id and has not begun to write', async ({ harness }) => {
    const queue = await harness.queue()
    await countAll(harness)
    await harness.jobs(queue, 1)
    await harness.db.query('select supaqueue_internal.count_enqueued()')

    const { rows } = await harness.db.query('select supaqueue_internal.count_enqueued() as jobs')

    expect(rows).toEqual([{ jobs: 0 }])
  })

  test('waits for nobody: while another session counts there is nothing to do', async ({ harness, another }) => {
    const queue = await harness.queue()
    await harness.jobs(queue, 1)
    const other = await another('service_role')
    await other.db.query('begin')
    await other.db.query('select from supaqueue.last_count for no key update')

    const { rows } = await harness.db.query('select supaqueue_internal.count_enqueued() as jobs')

    expect(rows).toEqual([{ jobs: 0 }])
    await other.db.query('rollback')
  })
})
