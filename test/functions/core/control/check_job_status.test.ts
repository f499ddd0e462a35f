import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { refusal } from '../../../support/refusal.ts'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('a job', () => {
  test('whose status is written as null is held', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { status: 'cancelled' })

    await harness.update('job', job, { status: null })

    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('that is planned for later is pending: planned is no status', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })

    expect((await harness.jobRow(job)).status).toBe('pending')
    const { rows } = await harness.db.query('select unnest(enum_range(null::supaqueue.job_status))::text as status')
    expect(rows.map(({ status }) => status)).toEqual([
      'held',
      'pending',
      'in_progress',
      'success',
      'failed',
      'cancelled',
    ])
  })

  test('is set in progress by nobody but a worker', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)

    expect(await refusal(harness.update('job', job, { status: 'in_progress' }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Write the status pending'),
    })

    expect((await harness.jobRow(job)).status).toBe('pending')
  })

  test('is set in progress by nobody else in a transaction that paired', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    const [, other] = await harness.jobs(queue, 2)

    const work = harness.transaction(async () => {
      expect(await harness.processJobs(queue)).toBe(1)
      await harness.update('job', other!, { status: 'in_progress' })
    })

    expect(await refusal(work)).toMatchObject({ code: 'SQ409' })
  })

  test('in progress may be written otherwise', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    await harness.take(randomUUID(), queue)

    await harness.update('job', job, { priority: 4, status: 'in_progress', queue })

    expect(await harness.jobRow(job)).toMatchObject({ priority: 4, status: 'in_progress' })
  })
})

const longAgo = new Date(0)

describe('finished_at', () => {
  test.for(['success', 'failed', 'cancelled'])(
    'is set when a job is set to %s by hand',
    async (status, { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue)

      await harness.update('job', job, { status })

      expect((await harness.jobRow(job)).finished_at).toBeInstanceOf(Date)
    },
  )

  test.for([['held', 'held'], ['pending', 'pending'], ['null', null]] as const)(
    'is taken away when a failed job is set to %s',
    async ([, status], { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue, { status: 'failed' })

      await harness.update('job', job, { status })

      expect((await harness.jobRow(job)).finished_at).toBe(null)
    },
  )

  test('keeps what is written into it beside the status', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)

    await harness.update('job', job, { status: 'success', finished_at: longAgo })

    expect((await harness.jobRow(job)).finished_at).toEqual(longAgo)
  })

  test('stays as it is when a finished job is written otherwise', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status: 'success', finished_at: longAgo })

    await harness.update('job', job, { priority: 3, status: 'success' })

    expect((await harness.jobRow(job)).finished_at).toEqual(longAgo)
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
    const harness = harnessOf(await database.connect())
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { status })
    const run = randomUUID()
    await harness.job(queue)
    const [entry] = await harness.take(run, queue)
    return { rowOf: () => harness.jobRow(job), report: () => harness.report(run, queue, [entry!.current_job.id]) }
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
