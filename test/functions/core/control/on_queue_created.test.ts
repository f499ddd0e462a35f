import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('a queue that is created has its heartbeat, asleep', async ({ house }) => {
  const queue = await house.queue()

  expect(await house.heartbeat(queue)).toEqual({ run: null, awake: false })
})

test('creating many queues at once gives each its heartbeat', async ({ house }) => {
  const { rows } = await house.db.query(
    `insert into supaqueue.queue (name, edge_function_name) select 'many-' || n, 'hello' from generate_series(1, 20) as n
     returning id`,
  )

  for (const { id } of rows) expect(await house.heartbeat(id)).toEqual({ run: null, awake: false })
})
