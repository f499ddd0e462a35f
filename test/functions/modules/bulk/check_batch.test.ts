import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a null in a new batch takes the default of its column', async ({ harness }) => {
  const queue = await harness.queue()

  const { rows } = await harness.db.query(
    'insert into supaqueue.batch (id, created_at, queue) values (null, null, $1) returning *',
    [queue],
  )

  expect(rows).toEqual([{ id: expect.any(String), created_at: expect.any(Date), queue, label: null }])
})
