import { expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'

const fitting = 'select job, fits from supaqueue_internal.failed_fitting($1, $2, $3)'

test('gives the newest first, each with whether it fits, and no more than asked for', async ({ harness }) => {
  const queue = await harness.queue()
  const jobs = [await failedJob(harness, queue, 'no user'), await failedJob(harness, queue, 'no ink')]
  jobs.push(await failedJob(harness, queue, 'no user'))

  const { rows } = await harness.db.query(fitting, [queue, '{"error": "no user"}', 2])

  expect(rows).toEqual([{ job: jobs[2], fits: true }, { job: jobs[1], fits: false }])
})

test('knows a job by its key, also when the key is free since it began', async ({ harness }) => {
  const queue = await harness.queue()
  await failedJob(harness, queue)
  const job = await failedJob(harness, queue)
  await harness.update('job', job, { begun_key: 'k' })

  const { rows } = await harness.db.query(fitting, [queue, '{"dedupe_key": "k"}', 2])

  expect(rows.filter(({ fits }) => fits)).toEqual([{ job, fits: true }])
  expect(
    (await harness.db.query('select job from supaqueue.failed_jobs where dedupe_key = $1 and queue = $2', ['k', queue]))
      .rows,
  )
    .toEqual([{ job }])
})

test('passes over those that were copied', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)
  await harness.db.query('select supaqueue.reprocess(jobs => array[$1::bigint])', [job])

  expect((await harness.db.query(fitting, [queue, '{}', 10])).rows).toEqual([])
})

test('costs the same however many jobs of the queue have ended otherwise, or failed at other times', async ({ harness }) => {
  const queue = await harness.queue()
  for (let n = 0; n < 5; n++) await failedJob(harness, queue)
  const cost = () =>
    harness.pagesRead(`${fitting.replace('$2', `'{"since": "${new Date(0).toISOString()}"}'`).replace('$3', '5')}`, [
      queue,
    ])
  await harness.db.query('analyze supaqueue.job')
  const before = await cost()

  await harness.db.query(
    `insert into supaqueue.job (queue, status, error, finished_at)
     select $1, (array['success', 'failed'])[1 + n % 2]::supaqueue.job_status, 'no user', now() - interval '1 day' - n * interval '1 second'
     from generate_series(1, 4000) as n`,
    [queue],
  )
  await harness.db.query('analyze supaqueue.job')

  expect(await cost()).toBeLessThan(before + 60)
})
