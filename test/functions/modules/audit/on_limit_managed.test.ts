import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { acts } from './acts.ts'

test('a rate limit is written down when somebody changes it, and not when a claim uses it', async ({ house }) => {
  const queue = await house.queue({ workers: 2 })
  await house.db.query('select supaqueue.set_max_rps($1, 5)', [queue])
  await house.db.query('select supaqueue.set_max_rps($1, 9)', [queue])
  await house.jobs(queue, 2)
  await house.take(randomUUID(), queue)
  await house.db.query('select supaqueue.set_max_rps($1, null)', [queue])

  expect((await acts(house, queue)).filter(({ act }) => act === 'set rate limit')).toMatchObject([
    { before: null, after: { max_rps: 5 } },
    { before: { max_rps: 5 }, after: { max_rps: 9 } },
    { before: { max_rps: 9 }, after: null },
  ])
})
