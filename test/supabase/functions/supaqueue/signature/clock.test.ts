import { expect, test, vi } from 'vitest'
import { makeSkew } from '../../../../../supabase/functions/supaqueue/signature/clock.ts'

test('the skew is how far the database is ahead of the middle of the probe', async () => {
  const times = [0, 1000, 1200]
  const skew = makeSkew(() => Promise.resolve(5000), () => times.shift()!)

  expect(await skew()).toBe(5000 - 1100)
})

test('the database is asked once a minute, however many ask', async () => {
  let now = 0
  const probe = vi.fn(() => Promise.resolve(7))
  const skew = makeSkew(probe, () => now)

  await Promise.all([skew(), skew()])
  now = 59_999
  await skew()
  expect(probe).toHaveBeenCalledTimes(1)

  now = 60_000
  await skew()
  expect(probe).toHaveBeenCalledTimes(2)
})

test('a probe that failed is not remembered', async () => {
  const probe = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValueOnce(7)
  const skew = makeSkew(probe, () => 0)

  await expect(skew()).rejects.toThrow('away')
  expect(await skew()).toBe(7)
})
