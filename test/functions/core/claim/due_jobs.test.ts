import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const dueJobs = async (house: House, queue: string, most: number, locking = false): Promise<number[]> =>
  (await house.db.query(
    `select supaqueue_internal.due_jobs($1, clock_timestamp(), $2, $3)::int[] as ids`,
    [queue, most, locking],
  )).rows[0].ids

describe('due_jobs', () => {
  test('come by priority, then by how long they are due, then by id, and no more than asked for', async ({ house }) => {
    const queue = await house.queue()
    await house.begin()
    const [third, fourth, second, first] = [
      await house.job(queue, { due: '-1 minute' }),
      await house.job(queue, { due: '-1 minute' }),
      await house.job(queue, { due: '-2 minutes' }),
      await house.job(queue, { priority: 1 }),
      await house.job(queue, { priority: 1, due: '1 minute' }),
    ]
    await house.commit()

    expect(await dueJobs(house, queue, 9)).toEqual([first, second, third, fourth])
    expect(await dueJobs(house, queue, 3)).toEqual([first, second, third])
    expect(await dueJobs(house, queue, 0)).toEqual([])
  })

  test('when locking pass over those that somebody holds, and go on below', async ({ house, another }) => {
    const queue = await house.queue()
    await house.job(queue, { priority: 2, due: '1 minute' })
    const high = await house.job(queue, { priority: 1 })
    const low = await house.job(queue)
    const user = await another()
    await user.begin()
    await user.hold('job', high)

    await house.impatient()

    expect(await dueJobs(house, queue, 1, true)).toEqual([low])
    expect(await dueJobs(house, queue, 1)).toEqual([high])
  })

  test('are held for nobody unless they are to be locked', async ({ house, another }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    const user = await another()

    await user.begin()
    await dueJobs(user, queue, 1)
    await house.impatient()
    await house.update('job', job, { priority: 1 })
    await user.rollback()

    await user.begin()
    expect(await dueJobs(user, queue, 1, true)).toEqual([job])
    expect(await dueJobs(house, queue, 1, true)).toEqual([])
  })

  test('are found below thousands of priorities of which nothing is due, in order', async ({ house }) => {
    const queue = await house.queue()
    await house.db.query(
      `insert into supaqueue.job (queue, priority, run_at)
       select $1, n, now() + interval '1 day' * (n % 3) - interval '1 hour' * (case when n % 3 = 0 and n % 400 = 0 then 1 else -1 end)
       from generate_series(1, 24000) as n`,
      [queue],
    )
    // A priority with more planned jobs than are read at once, and a due one.
    await house.db.query(
      `insert into supaqueue.job (queue, priority, run_at) select $1, 12001, now() + interval '1 day' * (n - 1) from generate_series(1, 11000) as n`,
      [queue],
    )
    const { rows } = await house.db.query(
      `select id from supaqueue.job where queue = $1 and run_at <= now() order by priority desc, run_at, id`,
      [queue],
    )
    const all = rows.map(({ id }) => id)
    expect(all).toHaveLength(21)

    for (const locking of [false, true]) {
      expect(await dueJobs(house, queue, 100, locking)).toEqual(all)
      expect(await dueJobs(house, queue, 7, locking)).toEqual(all.slice(0, 7))
    }
  })

  test('cost no look per priority', async ({ house }) => {
    const queue = await house.queue()
    await house.db.query(
      `insert into supaqueue.job (queue, priority, run_at) select $1, n, now() + interval '1 day' from generate_series(1, 10000) as n`,
      [queue],
    )
    await house.db.query('analyze supaqueue.job').catch(() => {})

    expect(await house.pagesRead('select supaqueue_internal.due_jobs($1, clock_timestamp(), 25)', [queue]))
      .toBeLessThan(12_000)
  })
})
