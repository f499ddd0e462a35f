import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('makes up for a quarter of a second and for the burst, and believes no time that cannot be', async ({ harness }) => {
  const { rows } = await harness.db.query(`
    select round(extract(epoch from supaqueue_internal.rate_since(row(
      'a', now(), now(), given.max_rps, given.burst, '2030-01-01'::timestamptz + given.free
    )::supaqueue.rate_limit, '2030-01-01') - '2030-01-01'::timestamptz) * 1000)::integer as ms
    from (values
      (1, 10, 1, interval '50 milliseconds'),
      (2, 10, 1, '-50 milliseconds'),
      (3, 10, 1, '-1 day'),
      (4, 10, 3, '-1 day'),
      (5, 10, 1, '1 day')
    ) as given (place, max_rps, burst, free)
    order by place`)

  expect(rows.map(({ ms }) => ms)).toEqual([50, -50, -250, -450, 0])
})
