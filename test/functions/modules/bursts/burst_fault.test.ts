import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [{}, { debounce: '1 s' }, 'debounce and throttle need a dedupe_key'],
    [{ dedupe_key: 'k', status: 'held' }, { debounce: '1 s' }, 'begins by the clock, and cannot be held'],
    [{ dedupe_key: 'k' }, { debounce: '1 s', throttle: '1 s' }, 'debounced or throttled, not both'],
    [{ dedupe_key: 'k' }, { max_wait: '1 s' }, 'max_wait goes with debounce'],
    [{ dedupe_key: 'k' }, { max_wait: '2 s', throttle: '1 s' }, 'a throttled job waits for a period at most'],
    [{ dedupe_key: 'k' }, { debounce: '0 s' }, 'more than nothing and at most 365 days'],
    [{ dedupe_key: 'k' }, { throttle: '366 days' }, 'more than nothing and at most 365 days'],
    [{ dedupe_key: 'k' }, { debounce: '2 s', max_wait: '1 s' }, 'max_wait is no shorter than debounce'],
    [{ dedupe_key: 'k', run_at: '2030-01-01' }, { debounce: '1 s' }, 'run_at and delay do not go with them'],
    [{ dedupe_key: 'k' }, { debounce: '1 s', max_wait: '1 s' }, null],
    [{ dedupe_key: 'k' }, { throttle: '365 days' }, null],
  ] as const,
)('of %j with %j says %s', async ([job, way, said], { harness }) => {
  const { debounce, max_wait, throttle } = way as Record<string, string>
  const { rows: [{ fault }] } = await harness.db.query(
    `select supaqueue_internal.burst_fault(jsonb_populate_record(null::supaqueue.job, $1), $2, $3, $4) as fault`,
    [JSON.stringify(job), debounce, max_wait, throttle],
  )
  expect(fault).toEqual(said === null ? null : expect.stringContaining(said))
})
