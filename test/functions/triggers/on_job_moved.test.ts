import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { refusal } from '../../support/refusal.ts'
import { test } from '../../support/house.ts'

test('a job in progress stays in its queue', async ({ house }) => {
  const [queue, other] = [await house.queue({ workers: 1 }), await house.queue()]
  const job = await house.job(queue)

  expect(await refusal(house.update('job', job, { queue: other }))).toMatchObject({
    code: 'SQ409',
    message: expect.stringContaining(`job ${job} is in progress`),
    hint: expect.stringContaining('held or cancelled first'),
  })

  expect((await house.jobRow(job)).queue).toBe(queue)
})

test('a job in progress stays in its queue, also when it is taken back by the same statement', async ({ house }) => {
  const [queue, other] = [await house.queue({ workers: 1 }), await house.queue()]
  const job = await house.job(queue)
  const [entry] = [await house.currentJob(job)]

  expect(await refusal(house.update('job', job, { queue: other, status: 'pending' }))).toMatchObject({ code: 'SQ409' })

  expect(await house.currentJob(job)).toEqual(entry)
})

test('a job in progress may be written with the queue it has', async ({ house }) => {
  const queue = await house.queue({ workers: 1 })
  const job = await house.job(queue)
  await house.take(randomUUID(), queue)

  await house.update('job', job, { queue })

  expect(await house.jobRow(job)).toMatchObject({ queue, status: 'in_progress' })
})
