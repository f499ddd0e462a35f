import { expect, test } from 'vitest'
import { killEverywhere } from './support/kills.ts'

test('fifty steps, a map, two sleeps and a signal, whose process is killed at every moment: each effect once', {
  timeout: 1_500_000,
}, async () => {
  expect(await killEverywhere('edge', 10)).toBeGreaterThan(250)
})

test('the same in a consumer under Node', { timeout: 1_500_000 }, async () => {
  expect(await killEverywhere('consumer', 2)).toBeGreaterThan(50)
})
