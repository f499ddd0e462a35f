import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

test('run_may_have_lock tells a run that has the lock from one that relies, and from nobody', async ({ harness, another }) => {
  const [queue, next] = [await harness.queue(), await harness.queue()]
  const other = await another()
  await other.begin()

  expect(await ask(harness, 'run_may_have_lock', { queue })).toBe(false)
  await other.db.query('select pg_advisory_xact_lock_shared(1398100049, uuid_hash($1))', [queue])
  expect(await ask(harness, 'run_may_have_lock', { queue })).toBe(false)
  await other.db.query('select pg_advisory_xact_lock(1398100049, uuid_hash($1))', [queue])
  expect(await ask(harness, 'run_may_have_lock', { queue })).toBe(true)
  expect(await ask(harness, 'run_may_have_lock', { queue: next })).toBe(false)
  await other.commit()
})
