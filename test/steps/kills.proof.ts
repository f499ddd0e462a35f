import { expect, test } from 'vitest'
import { killEverywhere } from './support/kills.ts'

test('fifty steps, a map, two sleeps and a signal, whose process is killed at every moment: each effect once', async () => {
  expect(await killEverywhere('edge', 10)).toBeGreaterThan(250)
})

test('the same in a consumer under Node', async () => {
  expect(await killEverywhere('consumer', 2)).toBeGreaterThan(50)
})
