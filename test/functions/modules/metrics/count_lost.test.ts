import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { counters } from './counters.ts'

test('leases that were lost are counted by queue, but for those that were not taken back', async ({ house }) => {
  const [queue, other] = [await house.queue(), await house.queue()]
  const [held, ...lost] = [1, 2, 3].map(() => randomUUID())
  const list = [held, ...lost].map((token) => ({ token, queue }))

  await house.db.query('select supaqueue_internal.count_lost($1, $2)', [
    JSON.stringify([...list, { token: randomUUID(), queue: other }]),
    [held],
  ])

  expect(await counters(house, queue)).toMatchObject({ leases_lost: 2 })
  expect(await counters(house, other)).toMatchObject({ leases_lost: 1 })
})
