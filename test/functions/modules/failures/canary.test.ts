import { expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, fingerprintOf, statuses } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const canary = async (house: House, ...args: unknown[]): Promise<number[]> =>
  (await house.db.query(`select unnest(supaqueue.canary(${args.map((_, i) => `$${i + 1}`)})) as id`, args)).rows.map((
    { id },
  ) => id)

test('canary puts back the five newest jobs of a fingerprint, and returns their ids', async ({ house }) => {
  const queue = await house.queue({ name: 'deep' })
  const jobs: number[] = []
  for (let i = 0; i < 7; i++) jobs.push(await failedJob(house, queue))
  const other = await failedJob(house, queue, 'too large')

  const tried = await canary(house, 'deep', fingerprintOf('no user'))

  expect(tried.sort((a, b) => a - b)).toEqual(jobs.slice(2))
  expect(await statuses(house, queue)).toMatchObject({ [jobs[1]!]: 'failed', [jobs[2]!]: 'pending', [other]: 'failed' })
})

test('canary puts back as many as asked for', async ({ house }) => {
  const queue = await house.queue()
  for (let i = 0; i < 3; i++) await failedJob(house, queue)

  expect(await canary(house, queue, fingerprintOf('no user'), 2)).toHaveLength(2)
})

test('canary of no such queue is refused', async ({ house }) => {
  expect(await refusal(canary(house, 'nowhere', 'x'))).toMatchObject({ code: 'SQ404' })
})
