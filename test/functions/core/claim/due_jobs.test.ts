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

  describe('behind what an old snapshot keeps in the index,', () => {
    const marks = { queue: '', level: 0 as number | string, since: 0, until: 4_000 }
    /** A look that locks, by a mark as a long one leaves it; `since` and `until` in milliseconds from now. */
    const lookAfter = async (
      harness: Harness,
      queue: string,
      given: Partial<typeof marks>,
      most = 9,
    ): Promise<number[]> => {
      const { queue: marked, level, since, until } = { ...marks, queue, ...given }
      // In one statement: a mark holds for seconds, and a machine may be busy.
      const { rows: [row] } = await harness.db.query(
        `with marked as materialized (
           select set_config('supaqueue.passed_over', concat_ws(' ', $1::text, $2::text,
             floor(extract(epoch from clock_timestamp() + $3 * interval '1 millisecond') * 1000000),
             floor(extract(epoch from clock_timestamp() + $4 * interval '1 millisecond') * 1000000)), false) as text
         )
         select supaqueue_internal.due_jobs($5, clock_timestamp(), $6, true)::int[] as ids from marked where text <> ''`,
        [marked, level, since, until, queue, most],
      )
      return row.ids
    }

    test('a long look is not long again at once, and a job that comes now is found', async ({ harness }) => {
      const queue = await harness.queue()
      await harness.begin()
      await harness.db.query(
        `insert into supaqueue.job (queue, run_at) select $1, now() - interval '1 hour' from generate_series(1, 60000)`,
        [queue],
      )
      // Ended by this transaction, which is not over: nobody can forget that they were pending.
      await harness.db.query(`update supaqueue.job set status = 'cancelled' where queue = $1`, [queue])
      const job = await harness.job(queue, { due: '1 millisecond' })
      const passed = async (look: () => Promise<number[]>) => {
        const read = `select pg_stat_get_xact_tuples_returned('supaqueue.job_pending'::regclass)::integer as read`
        const { rows: [before] } = await harness.db.query(read)
        expect(await look()).toEqual([job])
        return (await harness.db.query(read)).rows[0].read - before.read
      }

      expect(await passed(() => dueJobs(harness, queue, 9, true))).toBeGreaterThan(60_000)
      const { rows: [{ mark }] } = await harness.db.query(`select current_setting('supaqueue.passed_over') as mark`)
      const [marked, level, since, until] = mark.split(' ')
      const { run_at } = await harness.jobRow(job)
      expect([marked, level]).toEqual([queue, '0'])
      // From the job on, or from a second before the look; and for some time, but not for longer than is said.
      expect(since / 1000).toBeLessThanOrEqual(run_at.getTime() + 1)
      expect(until - since).toBeGreaterThan(300_000)
      expect(until - Date.now() * 1000).toBeLessThan(5_000_000)
      // A little earlier: it counts from its own now, which is later.
      const from = since / 1000 - Date.now() - 60_000
      expect(await passed(() => lookAfter(harness, queue, { since: from }))).toBeLessThan(100)
      await harness.rollback()
    })

    test('what was due before is found once that is over, and at once by who locks nothing', async ({ harness }) => {
      const queue = await harness.queue()
      const late = await harness.job(queue, { due: '-1 hour' })
      const job = await harness.job(queue)

      expect(await lookAfter(harness, queue, { since: -1_800_000 })).toEqual([job])
      expect(await dueJobs(harness, queue, 9)).toEqual([late, job])
      expect(await lookAfter(harness, queue, { since: -1_800_000, until: -1 })).toEqual([late, job])
    })

    test('other priorities are found as ever, in order', async ({ harness }) => {
      const queue = await harness.queue()
      const [high, , job, low] = [
        await harness.job(queue, { priority: 3, due: '-1 hour' }),
        await harness.job(queue, { priority: 2, due: '-1 hour' }),
        await harness.job(queue, { priority: 2 }),
        await harness.job(queue, { priority: -1, due: '-1 hour' }),
      ]

      expect(await lookAfter(harness, queue, { level: 2, since: -1_800_000 })).toEqual([high, job, low])
      expect(await lookAfter(harness, queue, { level: 2, since: -1_800_000 }, 2)).toEqual([high, job])
      expect(await lookAfter(harness, queue, { level: 7 }, 1)).toEqual([high])
    })

    test.for(
      [
        ['of another queue', { queue: '00000000-0000-4000-8000-000000000000' }],
        ['that is to hold for longer than any does', { until: 60_000 }],
        ['of a priority that nothing has', { level: 2147483647 }],
        ['of a priority that nothing can have', { level: '9999999999' }],
      ] as const,
    )('a mark %s hides nothing', async ([, given], { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue, { due: '-1 minute' })

      expect(await lookAfter(harness, queue, given)).toEqual([job])
    })

    test.for(['', 'x', '{', '1 2 3 4', '00000000-0000-4000-8000-000000000000 9999999999 1 1'])(
      'a setting that is no mark hides nothing: %j',
      async (text, { harness }) => {
        const queue = await harness.queue()
        const job = await harness.job(queue)

        await harness.db.query(`select set_config('supaqueue.passed_over', $1, false)`, [text])

        expect(await dueJobs(harness, queue, 9, true)).toEqual([job])
      },
    )
  })
})
