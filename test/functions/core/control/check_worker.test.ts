import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a null in a new worker takes the default of its column', async ({ harness }) => {
  const queue = await harness.queue()

  const { rows } = await harness.db.query(
    'insert into supaqueue.worker (id, created_at, queue, locked) values (null, null, $1, null) returning *',
    [queue],
  )

  expect(rows).toEqual([{ id: expect.any(String), created_at: expect.any(Date), queue, locked: false }])
})

test('a null that is written later is refused', async ({ harness }) => {
  await harness.queue({ workers: 1 })

  await expect(harness.db.query('update supaqueue.worker set locked = null')).rejects.toMatchObject({ code: '23502' })
})
