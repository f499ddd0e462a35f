import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('more workers or fewer are written down, once per statement', async ({ harness }) => {
  const queue = await harness.queue({ workers: 5 })
  await harness.db.query('select supaqueue.set_concurrency($1, 2)', [queue])
  await harness.delete('queue', queue)

  expect((await acts(harness, queue)).filter(({ act }) => act === 'set workers')).toMatchObject([
    { before: { workers: 0 }, after: { workers: 5 } },
    { before: { workers: 5 }, after: { workers: 2 } },
  ])
})
