import { describe, expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const newest = async (house: House, queue: string): Promise<number[]> =>
  (await house.db.query('select id from supaqueue_internal.newest_failed($1)', [queue])).rows.map(({ id }) => id)

describe('newest_failed gives', () => {
  test('the failed jobs of the queue, the newest first', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    const jobs: number[] = []
    for (const hours of [2, 1, 3]) {
      const job = await failedJob(house, queue)
      await house.db.query(`update supaqueue.job set finished_at = now() - $2 * interval '1 hour' where id = $1`, [
        job,
        hours,
      ])
      jobs.push(job)
    }
    await failedJob(house, other)
    for (const status of ['held', 'pending', 'success', 'cancelled']) await house.job(queue, { status })

    expect(await newest(house, queue)).toEqual([jobs[1], jobs[0], jobs[2]])
  })

  test('none that was copied', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue)

    const { rows: [copy] } = await house.db.query(
      'select unnest(supaqueue.reprocess(jobs => array[$1::bigint])) as id',
      [job],
    )
    await house.update('job', copy.id, { status: 'failed' })

    expect(await newest(house, queue)).toEqual([copy.id])
  })

  test('ten thousand at most', async ({ house }) => {
    const queue = await house.queue()
    const old = await failedJob(house, queue)
    await house.db.query(`update supaqueue.job set finished_at = now() - interval '1 day' where id = $1`, [old])
    await house.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'failed' from generate_series(1, 10000)`,
      [queue],
    )

    const jobs = await newest(house, queue)

    expect(jobs).toHaveLength(10_000)
    expect(jobs).not.toContain(old)
  })
})

test('what newest_failed reads does not grow with jobs of other queues, nor with jobs that have not failed', async ({ house, another }) => {
  const [queue, other] = [await house.queue(), await house.queue()]
  await failedJob(house, queue)
  const read = async () => {
    await newest(house, queue) // planned
    return await house.pagesRead('select * from supaqueue_internal.newest_failed($1)', [queue])
  }
  const before = await read()

  await house.db.query(
    `insert into supaqueue.job (queue, status)
     select case n % 2 when 0 then $1::uuid else $2 end, case n % 2 when 0 then 'success' else 'failed' end::supaqueue.job_status
     from generate_series(1, 20000) as n`,
    [queue, other],
  )
  await (await another('owner')).db.query('analyze supaqueue.job')

  expect(await read()).toBeLessThan(before + 20)
})
