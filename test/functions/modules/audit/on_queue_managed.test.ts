import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { acts } from './acts.ts'

test('each act on a queue is written down, with what changed', async ({ harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  await harness.db.query(`select supaqueue.pause('mail', reason => 'the bank is closed')`)
  await harness.db.query(`select supaqueue.resume('mail')`)
  await harness.update('queue', queue, { max_attempts: 7 })
  await harness.delete('queue', queue)

  expect(await acts(harness, queue)).toMatchObject([
    { act: 'create queue', queue_name: 'mail', after: { name: 'mail', edge_function_name: 'hello' } },
    { act: 'pause', before: { paused: false }, after: { paused: true, paused_reason: 'the bank is closed' } },
    { act: 'resume', before: { paused: true, paused_reason: 'the bank is closed' }, after: { paused: false } },
    { act: 'change queue', before: { max_attempts: 3 }, after: { max_attempts: 7 } },
    { act: 'delete queue', queue_name: 'mail' },
  ])
})

test('by hand as well', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.update('queue', queue, { paused: true })

  expect((await acts(harness, queue)).at(-1)).toMatchObject({ act: 'pause' })
})
