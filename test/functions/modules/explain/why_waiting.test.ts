import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('names nothing for a job that only has to be looked for', async ({ harness }) => {
  const job = await harness.job(await harness.queue({ workers: 1, paused: true }))
  await harness.db.query(
    'update supaqueue.queue set paused = false from supaqueue.job where job.id = $1 and queue.id = job.queue',
    [job],
  )
  await harness.db.query(`update supaqueue.job set status = 'cancelled' where id = $1`, [job])

  const { rows } = await harness.db.query(
    'select supaqueue_internal.why_waiting(job) as reasons from supaqueue.job where id = $1',
    [job],
  )

  expect(rows).toEqual([{ reasons: [] }])
})

test('names whoever began jobs with keys and does not commit', async ({ harness, another }) => {
  const queue = await harness.queue({ workers: 1, per_key: 1 })
  const user = await another()
  await user.begin()
  await user.db.query('select supaqueue_internal.lock_keys($1)', [queue])
  const { rows: [{ pid }] } = await user.db.query('select pg_backend_pid() as pid')
  const job = await harness.job(queue, { concurrency_key: 'k1' })
  const reasons = async () =>
    (await harness.db.query(
      `select supaqueue_internal.why_waiting(job) as reasons from supaqueue.job where id = $1`,
      [job],
    )).rows[0].reasons

  expect(await reasons()).toEqual([expect.objectContaining({ code: 'key_locked', pid })])

  await user.commit()
  expect(await reasons()).toEqual([])
})
