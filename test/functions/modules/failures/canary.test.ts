import { expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, fingerprintOf, statuses } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const canary = async (harness: Harness, ...args: unknown[]): Promise<number[]> =>
  (await harness.db.query(`select unnest(supaqueue.canary(${args.map((_, i) => `$${i + 1}`)})) as id`, args)).rows.map((
    { id },
  ) => id)

test('canary puts back the five newest jobs of a fingerprint, and returns their ids', async ({ harness }) => {
  const queue = await harness.queue({ name: 'deep' })
  const jobs: number[] = []
  for (let i = 0; i < 7; i++) jobs.push(await failedJob(harness, queue))
  const other = await failedJob(harness, queue, 'too large')

  const tried = await canary(harness, 'deep', fingerprintOf('no user'))

  expect(tried.sort((a, b) => a - b)).toEqual(jobs.slice(2))
  expect(await statuses(harness, queue)).toMatchObject({
    [jobs[1]!]: 'failed',
    [jobs[2]!]: 'pending',
    [other]: 'failed',
  })
})

test('canary puts back as many as asked for', async ({ harness }) => {
  const queue = await harness.queue()
  for (let i = 0; i < 3; i++) await failedJob(harness, queue)

  expect(await canary(harness, queue, fingerprintOf('no user'), 2)).toHaveLength(2)
})

test('canary of no such queue is refused', async ({ harness }) => {
  expect(await refusal(canary(harness, 'nowhere', 'x'))).toMatchObject({ code: 'SQ404' })
})
