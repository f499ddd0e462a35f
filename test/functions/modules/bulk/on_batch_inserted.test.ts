import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('a null in a new batch takes the default of its column', async ({ house }) => {
  const queue = await house.queue()

  const { rows } = await house.db.query(
    'insert into supaqueue.batch (id, created_at, queue) values (null, null, $1) returning *',
    [queue],
  )

  expect(rows).toEqual([{ id: expect.any(String), created_at: expect.any(Date), queue, label: null }])
})
