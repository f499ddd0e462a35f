import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a null in a new dependency takes the default of its column', async ({ harness }) => {
  const queue = await harness.queue()
  const [source, target] = [await harness.job(queue), await harness.job(queue, { status: 'held' })]

  const { rows } = await harness.db.query(
    `insert into supaqueue.job_dependency (source, target, on_failure, created_at) values ($1, $2, null, null)
     returning on_failure, created_at`,
    [source, target],
  )

  expect(rows).toEqual([{ on_failure: 'cancel', created_at: expect.any(Date) }])
})
