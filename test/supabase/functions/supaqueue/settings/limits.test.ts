import { expect, test } from 'vitest'
import { readLimits } from '../../../../../supabase/functions/supaqueue/settings/limits.ts'

const defaults = {
  concurrency: 25,
  linger_ms: 2000,
  poll_ms: 45,
  gather_ms: 4,
  wall_clock_ms: 150_000,
  run_max_jobs: 2000,
  run_max_turns: 1000,
  call_grace_ms: 10_000,
  allow_private_targets: false,
}

test('without settings the limits are those of the free plan', () => {
  expect(readLimits({})).toEqual({ limits: defaults, unusable: [] })
})

test('settings are texts; those of others are ignored', () => {
  const read = readLimits({ concurrency: '10', wall_clock_ms: '400000', functions_url: 'http://127.0.0.1' })

  expect(read).toEqual({ limits: { ...defaults, concurrency: 10, wall_clock_ms: 400_000 }, unusable: [] })
})

test.each(['', ' ', 'many', '0', '-1', '1.5', '501', 'NaN', '1e99'])(
  'concurrency = %j leaves the default, and is named',
  (concurrency) => {
    expect(readLimits({ concurrency })).toEqual({ limits: defaults, unusable: ['concurrency'] })
  },
)

test('private targets are allowed by one word only', () => {
  expect(readLimits({ allow_private_targets: 'on' }).limits.allow_private_targets).toBe(true)
  expect(readLimits({ allow_private_targets: 'off' })).toMatchObject({
    limits: { allow_private_targets: false },
    unusable: [],
  })
  expect(readLimits({ allow_private_targets: 'true' })).toMatchObject({
    limits: { allow_private_targets: false },
    unusable: ['allow_private_targets'],
  })
})
