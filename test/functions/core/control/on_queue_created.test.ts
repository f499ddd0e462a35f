import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a queue that is created has its heartbeat, asleep', async ({ harness }) => {
  const queue = await harness.queue()

  expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: false })
})

test('creating many queues at once gives each its heartbeat', async ({ harness }) => {
  const { rows } = await harness.db.query(
    `insert into supaqueue.queue (name, edge_function_name) select 'many-' || n, 'hello' from generate_series(1, 20) as n
     returning id`,
  )

  for (const { id } of rows) expect(await harness.heartbeat(id)).toEqual({ run: null, awake: false })
})
