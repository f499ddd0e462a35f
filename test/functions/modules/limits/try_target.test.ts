import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const tryTarget = 'select supaqueue.try_target($1) as tried'

test('a target that was left alone is tried at once, by one job', async ({ harness }) => {
  const queue = await harness.queue({ workers: 3 })
  await harness.openCircuit(queue, '5 minutes')
  await harness.jobs(queue, 3)
  const run = randomUUID()
  expect(await harness.take(run, queue)).toHaveLength(0)

  expect((await harness.db.query(tryTarget, [queue])).rows).toEqual([{ tried: true }])

  expect(await harness.take(run, queue)).toHaveLength(1)
})

test('says so when it was not', async ({ harness }) => {
  expect((await harness.db.query(tryTarget, [await harness.queue()])).rows).toEqual([{ tried: false }])
  expect(await refusal(harness.db.query(tryTarget, ['nope']))).toMatchObject({ code: 'SQ404' })
})
