import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('looks at every priority, and not at what is planned, held or running', async ({ harness }) => {
  const queue = await harness.queue()
  const oldest = async () =>
    (await harness.db.query('select supaqueue_internal.oldest_due($1) as at', [queue])).rows[0].at
  await harness.job(queue, { due: '1 hour', priority: 3 })
  await harness.job(queue, { due: '-2 hours', status: 'held' })
  const before = await oldest()
  await harness.job(queue, { due: '-1 minute', priority: 2 })
  const job = await harness.job(queue, { due: '-1 hour' })

  expect(before).toBe(null)
  expect(await oldest()).toEqual((await harness.jobRow(job)).run_at)
})
