import { describe, expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const newest = async (harness: Harness, queue: string): Promise<number[]> =>
  (await harness.db.query('select id from supaqueue_internal.newest_failed($1)', [queue])).rows.map(({ id }) => id)

describe('newest_failed gives', () => {
  test('the failed jobs of the queue, the newest first', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const jobs: number[] = []
    for (const hours of [2, 1, 3]) {
      const job = await failedJob(harness, queue)
      await harness.db.query(`update supaqueue.job set finished_at = now() - $2 * interval '1 hour' where id = $1`, [
        job,
        hours,
      ])
      jobs.push(job)
    }
    await failedJob(harness, other)
    for (const status of ['held', 'pending', 'success', 'cancelled']) await harness.job(queue, { status })

    expect(await newest(harness, queue)).toEqual([jobs[1], jobs[0], jobs[2]])
  })

  test('none that was copied', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue)

    const { rows: [copy] } = await harness.db.query(
      'select unnest(supaqueue.reprocess(jobs => array[$1::bigint])) as id',
      [job],
    )
    await harness.update('job', copy.id, { status: 'failed' })

    expect(await newest(harness, queue)).toEqual([copy.id])
  })

  test('ten thousand at most', async ({ harness }) => {
    const queue = await harness.queue()
    const old = await failedJob(harness, queue)
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '1 day' where id = $1`, [old])
    await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'failed' from generate_series(1, 10000)`,
      [queue],
    )

    const jobs = await newest(harness, queue)

    expect(jobs).toHaveLength(10_000)
    expect(jobs).not.toContain(old)
  })
})

test('what newest_failed reads does not grow with jobs of other queues, nor with jobs that have not failed', async ({ harness, another }) => {
  const [queue, other] = [await harness.queue(), await harness.queue()]
  await failedJob(harness, queue)
  const read = async () => {
    await newest(harness, queue) // planned
    return await harness.pagesRead('select * from supaqueue_internal.newest_failed($1)', [queue])
  }
  const before = await read()

  await harness.db.query(
    `insert into supaqueue.job (queue, status)
     select case n % 2 when 0 then $1::uuid else $2 end, case n % 2 when 0 then 'success' else 'failed' end::supaqueue.job_status
     from generate_series(1, 20000) as n`,
    [queue, other],
  )
  await (await another('owner')).db.query('analyze supaqueue.job')

  expect(await read()).toBeLessThan(before + 20)
})
