import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

test('may_fall_asleep tells a run that has the lock from one that relies, and from nobody', async ({ house, another }) => {
  const [queue, next] = [await house.queue(), await house.queue()]
  const other = await another()
  await other.begin()

  expect(await ask(house, 'may_fall_asleep', { queue })).toBe(false)
  await other.db.query('select pg_advisory_xact_lock_shared(1398100049, uuid_hash($1))', [queue])
  expect(await ask(house, 'may_fall_asleep', { queue })).toBe(false)
  await other.db.query('select pg_advisory_xact_lock(1398100049, uuid_hash($1))', [queue])
  expect(await ask(house, 'may_fall_asleep', { queue })).toBe(true)
  expect(await ask(house, 'may_fall_asleep', { queue: next })).toBe(false)
  await other.commit()
})
