import { test } from '../support/harness.ts'
import { dieEverywhere } from './support/deaths.ts'

test('fifty steps, two sleeps and a signal, and a death at every moment between two statements: each effect once', async ({ harness }) => {
  await dieEverywhere(harness, 10)
})
