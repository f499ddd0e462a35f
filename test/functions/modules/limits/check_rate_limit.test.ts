import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a null in a new rate limit takes the default of its column', async ({ harness }) => {
  const { rows } = await harness.db.query(
    `insert into supaqueue.rate_limit (name, max_rps, burst, free_at, created_at, updated_at)
     values ('nulls', 5, null, null, null, null) returning *`,
  )

  expect(rows).toEqual([{
    name: 'nulls',
    max_rps: 5,
    burst: 1,
    free_at: -Infinity,
    created_at: expect.any(Date),
    updated_at: expect.any(Date),
  }])
})
