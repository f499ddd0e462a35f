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

test('names whoever began jobs with keys and does not commit', async ({ house, another }) => {
  const queue = await house.queue({ workers: 1, per_key: 1 })
  const user = await another()
  await user.begin()
  await user.db.query('select supaqueue_internal.lock_keys($1)', [queue])
  const { rows: [{ pid }] } = await user.db.query('select pg_backend_pid() as pid')
  const job = await house.job(queue, { concurrency_key: 'k1' })
  const reasons = async () =>
    (await house.db.query(
      `select supaqueue_internal.why_waiting(job) as reasons from supaqueue.job where id = $1`,
      [job],
    )).rows[0].reasons

  expect(await reasons()).toEqual([expect.objectContaining({ code: 'key_locked', pid })])

  await user.commit()
  expect(await reasons()).toEqual([])
})
