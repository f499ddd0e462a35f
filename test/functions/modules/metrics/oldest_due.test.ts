import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('looks at every priority, and not at what is planned, held or running', async ({ house }) => {
  const queue = await house.queue()
  const oldest = async () =>
    (await house.db.query('select supaqueue_internal.oldest_due($1) as at', [queue])).rows[0].at
  await house.job(queue, { due: '1 hour', priority: 3 })
  await house.job(queue, { due: '-2 hours', status: 'held' })
  const before = await oldest()
  await house.job(queue, { due: '-1 minute', priority: 2 })
  const job = await house.job(queue, { due: '-1 hour' })

  expect(before).toBe(null)
  expect(await oldest()).toEqual((await house.jobRow(job)).run_at)
})
