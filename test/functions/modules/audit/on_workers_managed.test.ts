import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { acts } from './acts.ts'

test('more workers or fewer are written down, once per statement', async ({ house }) => {
  const queue = await house.queue({ workers: 5 })
  await house.db.query('select supaqueue.set_concurrency($1, 2)', [queue])
  await house.delete('queue', queue)

  expect((await acts(house, queue)).filter(({ act }) => act === 'set workers')).toMatchObject([
    { before: { workers: 0 }, after: { workers: 5 } },
    { before: { workers: 5 }, after: { workers: 2 } },
  ])
})
