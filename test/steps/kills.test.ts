import { expect, test } from 'vitest'
import { killEverywhere } from './support/kills.ts'

// What test/steps/deaths.test.ts plays within one process, with processes that are really killed. Every moment: kills.proof.ts.

test('the process of an edge function is killed after each effect of its steps, and each happens once', async () => {
  expect(await killEverywhere('edge', 1, { at: /^after effect/, asked: 2 })).toBeGreaterThan(5)
})

test('a consumer under Node is killed around each wait, and each step happens once', async () => {
  expect(await killEverywhere('consumer', 1, { at: /suspend$/, asked: 1 })).toBeGreaterThan(4)
})
