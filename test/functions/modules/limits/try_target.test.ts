import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const tryTarget = 'select supaqueue.try_target($1) as tried'

test('a target that was left alone is tried at once, by one job', async ({ house }) => {
  const queue = await house.queue({ workers: 3 })
  await house.openCircuit(queue, '5 minutes')
  await house.jobs(queue, 3)
  const run = randomUUID()
  expect(await house.take(run, queue)).toHaveLength(0)

  expect((await house.db.query(tryTarget, [queue])).rows).toEqual([{ tried: true }])

  expect(await house.take(run, queue)).toHaveLength(1)
})

test('says so when it was not', async ({ house }) => {
  expect((await house.db.query(tryTarget, [await house.queue()])).rows).toEqual([{ tried: false }])
  expect(await refusal(house.db.query(tryTarget, ['nope']))).toMatchObject({ code: 'SQ404' })
})
