import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['1500', '00:00:01.5'],
    ['0', '00:00:00'],
    ['1e300', '277777777:46:40'],
    [null, null],
  ] as const,
)('%s milliseconds are the interval %s', async ([ms, interval], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.from_ms($1)::text as told', [ms])

  expect(rows).toEqual([{ told: interval }])
})
