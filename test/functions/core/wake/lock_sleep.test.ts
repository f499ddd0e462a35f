import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

test('lock_sleep lets many rely on a run, or the run fall asleep, and waits for nobody', async ({ house, another }) => {
  const [queue, next] = [await house.queue(), await house.queue()]
  const other = await another()
  await other.impatient()
  await house.begin()

  expect(await ask(house, 'lock_sleep', { queue })).toBe(true)
  expect(await ask(other, 'lock_sleep', { queue })).toBe(true)
  expect(await ask(other, 'lock_sleep', { queue, exclusive: true })).toBe(false)
  expect(await ask(other, 'lock_sleep', { queue: next, exclusive: true })).toBe(true)

  await house.commit()
  expect(await ask(other, 'lock_sleep', { queue, exclusive: true })).toBe(true)
})
