import { test } from '../support/house.ts'
import { dieEverywhere } from './support/deaths.ts'

test('fifty steps, two sleeps and a signal, and a death at every moment between two statements: each effect once', async ({ house }) => {
  await dieEverywhere(house, 10)
})
