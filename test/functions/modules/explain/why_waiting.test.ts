import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('names nothing for a job that only has to be looked for', async ({ house }) => {
  const job = await house.job(await house.queue({ workers: 1, paused: true }))
  await house.db.query(
    'update supaqueue.queue set paused = false from supaqueue.job where job.id = $1 and queue.id = job.queue',
    [job],
  )
  await house.db.query(`update supaqueue.job set status = 'cancelled' where id = $1`, [job])

  const { rows } = await house.db.query(
    'select supaqueue_internal.why_waiting(job) as reasons from supaqueue.job where id = $1',
    [job],
  )

  expect(rows).toEqual([{ reasons: [] }])
})
