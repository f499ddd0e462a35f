import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

async function begun(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, ...settings })
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  const { worker } = await harness.currentJob(job)
  return { queue, job, worker, token: entry!.current_job.id }
}

describe('a worker with a job', () => {
  test('that is unlocked by hand loses it: the job begins anew, the old token is worth nothing', async ({ harness }) => {
    const { queue, job, worker, token } = await begun(harness)
    await harness.age('heartbeat', queue)

    await harness.update('worker', worker, { locked: false })

    expect((await harness.currentJob(job)).id).not.toBe(token)
    expect((await harness.report(run, queue, [token])).stale).toEqual([token])
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 2 })
  })

  test('that is unlocked by hand fails a job without attempts left, and is free', async ({ harness }) => {
    const { queue, job, worker } = await begun(harness, { max_attempts: 1 })

    await harness.update('worker', worker, { locked: false })

    expect((await harness.jobRow(job)).status).toBe('failed')
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test.for([{}, { locked: false }])('cannot move to another queue, written with %j', async (columns, { harness }) => {
    const { queue, job, worker } = await begun(harness)
    const other = await harness.queue()

    expect(await refusal(harness.update('worker', worker, { queue: other, ...columns }))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(worker),
      hint: expect.stringContaining('once it is free'),
    })

    expect(await harness.inProgress(queue)).toEqual([job])
  })
})

test('a worker that a report frees keeps the outcome of its job', async ({ harness }) => {
  const { queue, job, token } = await begun(harness)

  await harness.report(run, queue, [token], 'success')

  expect((await harness.jobRow(job)).status).toBe('success')
})
