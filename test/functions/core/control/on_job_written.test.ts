import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { refusal } from '../../../support/refusal.ts'
import { house as houseOf, test } from '../../../support/house.ts'

describe('a job', () => {
  test('whose status is written as null is held', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { status: 'cancelled' })

    await house.update('job', job, { status: null })

    expect((await house.jobRow(job)).status).toBe('held')
  })

  test('that is planned for later is pending: planned is no status', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    expect((await house.jobRow(job)).status).toBe('pending')
    const { rows } = await house.db.query('select unnest(enum_range(null::supaqueue.job_status))::text as status')
    expect(rows.map(({ status }) => status)).toEqual([
      'held',
      'pending',
      'in_progress',
      'success',
      'failed',
      'cancelled',
    ])
  })

  test('is set in progress by nobody but a worker', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    expect(await refusal(house.update('job', job, { status: 'in_progress' }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Write the status pending'),
    })

    expect((await house.jobRow(job)).status).toBe('pending')
  })

  test('is set in progress by nobody else in a transaction that paired', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    const [, other] = await house.jobs(queue, 2)

    const work = house.transaction(async () => {
      expect(await house.processJobs(queue)).toBe(1)
      await house.update('job', other!, { status: 'in_progress' })
    })

    expect(await refusal(work)).toMatchObject({ code: 'SQ409' })
  })

  test('in progress may be written otherwise', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    await house.take(randomUUID(), queue)

    await house.update('job', job, { priority: 4, status: 'in_progress', queue })

    expect(await house.jobRow(job)).toMatchObject({ priority: 4, status: 'in_progress' })
  })
})

const longAgo = new Date(0)

describe('finished_at', () => {
  test.for(['success', 'failed', 'cancelled'])('is set when a job is set to %s by hand', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    await house.update('job', job, { status })

    expect((await house.jobRow(job)).finished_at).toBeInstanceOf(Date)
  })

  test.for([['held', 'held'], ['pending', 'pending'], ['null', null]] as const)(
    'is taken away when a failed job is set to %s',
    async ([, status], { house }) => {
      const queue = await house.queue()
      const job = await house.job(queue, { status: 'failed' })

      await house.update('job', job, { status })

      expect((await house.jobRow(job)).finished_at).toBe(null)
    },
  )

  test('keeps what is written into it beside the status', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    await house.update('job', job, { status: 'success', finished_at: longAgo })

    expect((await house.jobRow(job)).finished_at).toEqual(longAgo)
  })

  test('stays as it is when a finished job is written otherwise', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status: 'success', finished_at: longAgo })

    await house.update('job', job, { priority: 3, status: 'success' })

    expect((await house.jobRow(job)).finished_at).toEqual(longAgo)
  })
})

describe("a trigger of the user's own on jobs, set off by a report,", () => {
  /** A job of a status, and a report of another one, whose success sets off the statement. */
  const followed = async (database: TestDatabase, statement: string, status: string) => {
    const owner = await database.connect('owner')
    await owner.query(`
      create function public.follow() returns trigger language plpgsql as $$ begin ${statement} return null; end $$;
      create trigger follow after update of status on supaqueue.job for each row
        when (new.status = 'success') execute function public.follow()`)
    const house = houseOf(await database.connect())
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { status })
    const run = randomUUID()
    await house.job(queue)
    const [entry] = await house.take(run, queue)
    return { rowOf: () => house.jobRow(job), report: () => house.report(run, queue, [entry!.current_job.id]) }
  }

  test('puts another job back as anybody does: it has not finished any more', async ({ ownDatabase }) => {
    const { rowOf, report } = await followed(
      ownDatabase,
      `update supaqueue.job set status = 'pending' where status = 'failed';`,
      'failed',
    )

    await report()

    expect(await rowOf()).toMatchObject({ finished_at: null })
  })

  test('sets no job in progress', async ({ ownDatabase }) => {
    const { rowOf, report } = await followed(
      ownDatabase,
      `update supaqueue.job set status = 'in_progress' where status = 'held';`,
      'held',
    )

    expect((await report()).again).toHaveLength(1)
    const { rows } = await (await ownDatabase.connect()).query('select kind, code from supaqueue.trouble')
    expect(rows).toEqual([{ kind: 'report', code: 'SQ409' }])

    expect((await rowOf()).status).toBe('held')
  })
})
