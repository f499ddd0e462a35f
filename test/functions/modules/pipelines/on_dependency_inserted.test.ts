import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('a null in a new dependency takes the default of its column', async ({ house }) => {
  const queue = await house.queue()
  const [source, target] = [await house.job(queue), await house.job(queue, { status: 'held' })]

  const { rows } = await house.db.query(
    `insert into supaqueue.job_dependency (source, target, on_failure, created_at) values ($1, $2, null, null)
     returning on_failure, created_at`,
    [source, target],
  )

  expect(rows).toEqual([{ on_failure: 'cancel', created_at: expect.any(Date) }])
})
