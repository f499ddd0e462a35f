import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

test('lock_keys gives the keys of a queue to one transaction at a time, and waits for nobody', async ({ harness, another }) => {
  const [queue, next] = [await harness.queue(), await harness.queue()]
  const other = await another()
  await other.impatient()
  await harness.begin()

  expect(await ask(harness, 'lock_keys', { queue })).toBe(true)
  expect(await ask(other, 'lock_keys', { queue })).toBe(false)
  expect(await ask(other, 'lock_keys', { queue: next })).toBe(true)

  await harness.commit()
  expect(await ask(other, 'lock_keys', { queue })).toBe(true)
})
