import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const prune = async (house: House, most = 1000): Promise<number> =>
  (await house.db.query('select supaqueue_internal.prune_cron_history($1) as pruned', [most])).rows[0].pruned

/** Runs of a cron job that ended so long ago, each after the one before. */
const ran = (house: House, jobid: number, agos: string[]) =>
  house.db.query(
    `insert into cron.job_run_details (jobid, username, status, start_time, end_time)
     select $1, current_user, 'succeeded', now() - ago, now() - ago from unnest($2::interval[]) as ago`,
    [jobid, agos],
  )

const left = async (house: House, jobid: number): Promise<number> =>
  (await house.db.query('select count(*) from cron.job_run_details where jobid = $1', [jobid])).rows[0].count

const ours = async (house: House) =>
  (await house.db.query(`select jobid from cron.job where jobname = 'supaqueue_sweep'`)).rows[0].jobid
const another_s = async (house: House) =>
  (await house.db.query(`select cron.schedule('report', '0 0 * * *', 'select 1') as id`)).rows[0].id

describe('of what pg_cron wrote, by its owner', () => {
  test('goes what is of our own jobs and a day old, and nothing else', async ({ another }) => {
    const house = await another('owner')
    const [own, other] = [await ours(house), await another_s(house)]
    await house.db.query('delete from cron.job_run_details')
    await ran(house, other, ['3 days', '2 days'])
    await ran(house, own, ['3 days', '2 days', '25 hours', '23 hours', '1 hour'])
    await ran(house, other, ['2 hours'])

    expect(await prune(house)).toBe(3)

    expect([await left(house, own), await left(house, other)]).toEqual([2, 3])
    expect(await prune(house)).toBe(0)
  })

  test('goes at most as much as asked for, and the rest later', async ({ another }) => {
    const house = await another('owner')
    const own = await ours(house)
    await house.db.query('delete from cron.job_run_details')
    await ran(house, own, Array(25).fill('2 days'))

    expect([await prune(house, 10), await prune(house, 10), await prune(house, 10)]).toEqual([10, 10, 5])
  })

  test('a run that has not ended stays, as does one that never began', async ({ another }) => {
    const house = await another('owner')
    const own = await ours(house)
    await house.db.query('delete from cron.job_run_details')
    await ran(house, own, ['2 days', '2 days', '2 days'])
    await house.db.query(
      `update cron.job_run_details set end_time = null where runid = (select min(runid) from cron.job_run_details)`,
    )
    await house.db.query(`update cron.job_run_details set start_time = null, end_time = null
      where runid = (select max(runid) from cron.job_run_details)`)

    expect(await prune(house)).toBe(1)
  })

  test('goes what is older and newer than a run that never began', async ({ another }) => {
    const house = await another('owner')
    const own = await ours(house)
    await house.db.query('delete from cron.job_run_details')
    await ran(house, own, Array(8).fill('2 days'))
    await house.db.query(
      `update cron.job_run_details set start_time = null, end_time = null
       where runid = (select min(runid) + 4 from cron.job_run_details)`,
    )

    expect(await prune(house)).toBe(7)
  })

  test('the sweep takes it along', async ({ another }) => {
    const house = await another('owner')
    const own = await ours(house)
    await house.db.query('delete from cron.job_run_details')
    await ran(house, own, ['2 days'])

    await house.db.query('select supaqueue.sweep()')

    expect(await left(house, own)).toBe(0)
  })
})

test('nothing is done, and nothing fails, for a role that may not', async ({ house }) => {
  expect(await prune(house)).toBe(0)
})

test('nothing is done, and nothing fails, without pg_cron', async ({ ownDatabase }) => {
  const admin = await ownDatabase.connect('admin')
  await admin.query('drop schema cron cascade')
  const owner = await ownDatabase.connect('owner')

  expect((await owner.query('select supaqueue_internal.prune_cron_history() as pruned')).rows).toEqual([{ pruned: 0 }])
})
