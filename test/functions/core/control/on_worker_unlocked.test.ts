import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

async function begun(house: House, settings: Parameters<House['queue']>[0] = {}) {
  const queue = await house.queue({ workers: 1, ...settings })
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  const { worker } = await house.currentJob(job)
  return { queue, job, worker, token: entry!.current_job.id }
}

describe('a worker with a job', () => {
  test('that is unlocked by hand loses it: the job begins anew, the old token is worth nothing', async ({ house }) => {
    const { queue, job, worker, token } = await begun(house)
    await house.age('heartbeat', queue)

    await house.update('worker', worker, { locked: false })

    expect((await house.currentJob(job)).id).not.toBe(token)
    expect((await house.report(run, queue, [token])).stale).toEqual([token])
    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 2 })
  })

  test('that is unlocked by hand fails a job without attempts left, and is free', async ({ house }) => {
    const { queue, job, worker } = await begun(house, { max_attempts: 1 })

    await house.update('worker', worker, { locked: false })

    expect((await house.jobRow(job)).status).toBe('failed')
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test.for([{}, { locked: false }])('cannot move to another queue, written with %j', async (columns, { house }) => {
    const { queue, job, worker } = await begun(house)
    const other = await house.queue()

    expect(await refusal(house.update('worker', worker, { queue: other, ...columns }))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(worker),
      hint: expect.stringContaining('once it is free'),
    })

    expect(await house.inProgress(queue)).toEqual([job])
  })
})

test('a worker that a report frees keeps the outcome of its job', async ({ house }) => {
  const { queue, job, token } = await begun(house)

  await house.report(run, queue, [token], 'success')

  expect((await house.jobRow(job)).status).toBe('success')
})
