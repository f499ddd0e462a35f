import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const dueJobs = async (harness: Harness, queue: string, most: number, locking = false): Promise<number[]> =>
  (await harness.db.query(
    `select supaqueue_internal.due_jobs($1, clock_timestamp(), $2, $3)::int[] as ids`,
    [queue, most, locking],
  )).rows[0].ids

describe('due_jobs', () => {
  test('come by priority, then by how long they are due, then by id, and no more than asked for', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.begin()
    const [third, fourth, second, first] = [
      await harness.job(queue, { due: '-1 minute' }),
      await harness.job(queue, { due: '-1 minute' }),
      await harness.job(queue, { due: '-2 minutes' }),
      await harness.job(queue, { priority: 1 }),
      await harness.job(queue, { priority: 1, due: '1 minute' }),
    ]
    await harness.commit()

    expect(await dueJobs(harness, queue, 9)).toEqual([first, second, third, fourth])
    expect(await dueJobs(harness, queue, 3)).toEqual([first, second, third])
    expect(await dueJobs(harness, queue, 0)).toEqual([])
  })

  test('when locking pass over those that somebody holds, and go on below', async ({ harness, another }) => {
    const queue = await harness.queue()
    await harness.job(queue, { priority: 2, due: '1 minute' })
    const high = await harness.job(queue, { priority: 1 })
    const low = await harness.job(queue)
    const user = await another()
    await user.begin()
    await user.hold('job', high)

    await harness.impatient()

    expect(await dueJobs(harness, queue, 1, true)).toEqual([low])
    expect(await dueJobs(harness, queue, 1)).toEqual([high])
  })

  test('are held for nobody unless they are to be locked', async ({ harness, another }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    const user = await another()

    await user.begin()
    await dueJobs(user, queue, 1)
    await harness.impatient()
    await harness.update('job', job, { priority: 1 })
    await user.rollback()

    await user.begin()
    expect(await dueJobs(user, queue, 1, true)).toEqual([job])
    expect(await dueJobs(harness, queue, 1, true)).toEqual([])
  })

  test('are found below thousands of priorities of which nothing is due, in order', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, priority, run_at)
       select $1, n, now() + interval '1 day' * (n % 3) - interval '1 hour' * (case when n % 3 = 0 and n % 400 = 0 then 1 else -1 end)
       from generate_series(1, 24000) as n`,
      [queue],
    )
    // A priority with more planned jobs than are read at once, and a due one.
    await harness.db.query(
      `insert into supaqueue.job (queue, priority, run_at) select $1, 12001, now() + interval '1 day' * (n - 1) from generate_series(1, 11000) as n`,
      [queue],
    )
    const { rows } = await harness.db.query(
      `select id from supaqueue.job where queue = $1 and run_at <= now() order by priority desc, run_at, id`,
      [queue],
    )
    const all = rows.map(({ id }) => id)
    expect(all).toHaveLength(21)

    for (const locking of [false, true]) {
      expect(await dueJobs(harness, queue, 100, locking)).toEqual(all)
      expect(await dueJobs(harness, queue, 7, locking)).toEqual(all.slice(0, 7))
    }
  })

  test('cost no look per priority', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, priority, run_at) select $1, n, now() + interval '1 day' from generate_series(1, 10000) as n`,
      [queue],
    )
    await harness.db.query('analyze supaqueue.job').catch(() => {})

    expect(await harness.pagesRead('select supaqueue_internal.due_jobs($1, clock_timestamp(), 25)', [queue]))
      .toBeLessThan(12_000)
  })
})
