import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('a rate limit is written down when somebody changes it, and not when a claim uses it', async ({ harness }) => {
  const queue = await harness.queue({ workers: 2 })
  await harness.db.query('select supaqueue.set_max_rps($1, 5)', [queue])
  await harness.db.query('select supaqueue.set_max_rps($1, 9)', [queue])
  await harness.jobs(queue, 2)
  await harness.take(randomUUID(), queue)
  await harness.db.query('select supaqueue.set_max_rps($1, null)', [queue])

  expect((await acts(harness, queue)).filter(({ act }) => act === 'set rate limit')).toMatchObject([
    { before: null, after: { max_rps: 5 } },
    { before: { max_rps: 5 }, after: { max_rps: 9 } },
    { before: { max_rps: 9 }, after: null },
  ])
})
