import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { acts } from './acts.ts'

test('each act on a queue is written down, with what changed', async ({ house }) => {
  const queue = await house.queue({ name: 'mail' })
  await house.db.query(`select supaqueue.pause('mail', reason => 'the bank is closed')`)
  await house.db.query(`select supaqueue.resume('mail')`)
  await house.update('queue', queue, { max_attempts: 7 })
  await house.delete('queue', queue)

  expect(await acts(house, queue)).toMatchObject([
    { act: 'create queue', queue_name: 'mail', after: { name: 'mail', edge_function_name: 'hello' } },
    { act: 'pause', before: { paused: false }, after: { paused: true, paused_reason: 'the bank is closed' } },
    { act: 'resume', before: { paused: true, paused_reason: 'the bank is closed' }, after: { paused: false } },
    { act: 'change queue', before: { max_attempts: 3 }, after: { max_attempts: 7 } },
    { act: 'delete queue', queue_name: 'mail' },
  ])
})

test('by hand as well', async ({ house }) => {
  const queue = await house.queue()
  await house.update('queue', queue, { paused: true })

  expect((await acts(house, queue)).at(-1)).toMatchObject({ act: 'pause' })
})
