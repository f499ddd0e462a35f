import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const prune = async (harness: Harness, most = 1000): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.prune_cron_history($1) as pruned', [most])).rows[0].pruned

/** Runs of a cron job that ended so long ago, each after the one before. */
const ran = (harness: Harness, jobid: number, agos: string[]) =>
  harness.db.query(
    `insert into cron.job_run_details (jobid, username, status, start_time, end_time)
     select $1, current_user, 'succeeded', now() - ago, now() - ago from unnest($2::interval[]) as ago`,
    [jobid, agos],
  )

const left = async (harness: Harness, jobid: number): Promise<number> =>
  (await harness.db.query('select count(*) from cron.job_run_details where jobid = $1', [jobid])).rows[0].count

const ours = async (harness: Harness) =>
  (await harness.db.query(`select jobid from cron.job where jobname = 'supaqueue_sweep'`)).rows[0].jobid
const another_s = async (harness: Harness) =>
  (await harness.db.query(`select cron.schedule('report', '0 0 * * *', 'select 1') as id`)).rows[0].id

describe('of what pg_cron wrote, by its owner', () => {
  test('goes what is of our own jobs and a day old, and nothing else', async ({ another }) => {
    const harness = await another('owner')
    const [own, other] = [await ours(harness), await another_s(harness)]
    await harness.db.query('delete from cron.job_run_details')
    await ran(harness, other, ['3 days', '2 days'])
    await ran(harness, own, ['3 days', '2 days', '25 hours', '23 hours', '1 hour'])
    await ran(harness, other, ['2 hours'])

    expect(await prune(harness)).toBe(3)

    expect([await left(harness, own), await left(harness, other)]).toEqual([2, 3])
    expect(await prune(harness)).toBe(0)
  })

  test('goes at most as much as asked for, and the rest later', async ({ another }) => {
    const harness = await another('owner')
    const own = await ours(harness)
    await harness.db.query('delete from cron.job_run_details')
    await ran(harness, own, Array(25).fill('2 days'))

    expect([await prune(harness, 10), await prune(harness, 10), await prune(harness, 10)]).toEqual([10, 10, 5])
  })

  test('a run that has not ended stays, as does one that never began', async ({ another }) => {
    const harness = await another('owner')
    const own = await ours(harness)
    await harness.db.query('delete from cron.job_run_details')
    await ran(harness, own, ['2 days', '2 days', '2 days'])
    await harness.db.query(
      `update cron.job_run_details set end_time = null where runid = (select min(runid) from cron.job_run_details)`,
    )
    await harness.db.query(`update cron.job_run_details set start_time = null, end_time = null
      where runid = (select max(runid) from cron.job_run_details)`)

    expect(await prune(harness)).toBe(1)
  })

  test('goes what is older and newer than a run that never began', async ({ another }) => {
    const harness = await another('owner')
    const own = await ours(harness)
    await harness.db.query('delete from cron.job_run_details')
    await ran(harness, own, Array(8).fill('2 days'))
    await harness.db.query(
      `update cron.job_run_details set start_time = null, end_time = null
       where runid = (select min(runid) + 4 from cron.job_run_details)`,
    )

    expect(await prune(harness)).toBe(7)
  })

  test('the sweep takes it along', async ({ another }) => {
    const harness = await another('owner')
    const own = await ours(harness)
    await harness.db.query('delete from cron.job_run_details')
    await ran(harness, own, ['2 days'])

    await harness.db.query('select supaqueue.sweep()')

    expect(await left(harness, own)).toBe(0)
  })
})

test('nothing is done, and nothing fails, for a role that may not', async ({ harness }) => {
  expect(await prune(harness)).toBe(0)
})

test('nothing is done, and nothing fails, without pg_cron', async ({ ownDatabase }) => {
  const admin = await ownDatabase.connect('admin')
  await admin.query('drop schema cron cascade')
  const owner = await ownDatabase.connect('owner')

  expect((await owner.query('select supaqueue_internal.prune_cron_history() as pruned')).rows).toEqual([{ pruned: 0 }])
})
