import { expect } from 'vitest'
import { failedJob, fingerprintOf, tried } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'

test('failures groups failed jobs by what they failed of, with counts, times and an example', async ({ harness }) => {
  const queue = await harness.queue({ name: 'grouped' })
  const jobs: number[] = []
  for (const words of ['no user', 'too large', 'no user']) jobs.push(await failedJob(harness, queue, words))
  await failedJob(harness, await harness.queue({ name: 'grouped-not' }))
  for (const [i, job] of jobs.entries()) {
    await harness.db.query(`update supaqueue.job set finished_at = now() - $2 * interval '1 hour' where id = $1`, [
      job,
      3 - i,
    ])
  }

  const { rows } = await harness.db.query(`select * from supaqueue.failures where queue_name = 'grouped'`)

  const [first, last] = [await harness.jobRow(jobs[0]!), await harness.jobRow(jobs[2]!)]
  expect(rows).toEqual([
    {
      queue,
      queue_name: 'grouped',
      fingerprint: fingerprintOf('no user'),
      jobs: 2,
      first_seen: first.finished_at,
      last_seen: last.finished_at,
      example_job: jobs[2],
      example_error: last.error,
    },
    expect.objectContaining({ fingerprint: fingerprintOf('too large'), jobs: 1, example_job: jobs[1] }),
  ])
})

test('failures keeps other outcomes and statuses apart', async ({ harness }) => {
  const queue = await harness.queue()
  await failedJob(harness, queue)
  await tried(harness, await failedJob(harness, queue), 'no user 1', 404)

  const { rows } = await harness.db.query('select jobs from supaqueue.failures where queue = $1', [queue])

  expect(rows).toEqual([{ jobs: 1 }, { jobs: 1 }])
})
