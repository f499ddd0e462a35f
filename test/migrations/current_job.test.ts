import { expect } from 'vitest'
import { test } from '../support/harness.ts'
import { refusal } from '../support/refusal.ts'

// The last line of defence: whatever pairs them, by whatever mistake.
test('a worker has one current job at a time, and a job one worker, whoever writes them', async ({ harness }) => {
  const queue = await harness.queue({ paused: true })
  const [worker, other] = await harness.workers(queue, 2)
  const [job, another] = await harness.jobs(queue, 2)
  const pair = (worker: string, job: number) =>
    harness.db.query('insert into supaqueue.current_job (queue, worker, job) values ($1, $2, $3)', [queue, worker, job])
  await pair(worker!, job!)

  expect(await refusal(pair(worker!, another!))).toMatchObject({ constraint: 'current_job_worker_has_one_call' })
  expect(await refusal(pair(other!, job!))).toMatchObject({ constraint: 'current_job_job_has_one_worker' })
  expect(await harness.currentJobs(queue)).toHaveLength(1)
})
