import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

test('lock_keys gives the keys of a queue to one transaction at a time, and waits for nobody', async ({ house, another }) => {
  const [queue, next] = [await house.queue(), await house.queue()]
  const other = await another()
  await other.impatient()
  await house.begin()

  expect(await ask(house, 'lock_keys', { queue })).toBe(true)
  expect(await ask(other, 'lock_keys', { queue })).toBe(false)
  expect(await ask(other, 'lock_keys', { queue: next })).toBe(true)

  await house.commit()
  expect(await ask(other, 'lock_keys', { queue })).toBe(true)
})
