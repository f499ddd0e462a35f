import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('a null in a new worker takes the default of its column', async ({ house }) => {
  const queue = await house.queue()

  const { rows } = await house.db.query(
    'insert into supaqueue.worker (id, created_at, queue, locked) values (null, null, $1, null) returning *',
    [queue],
  )

  expect(rows).toEqual([{ id: expect.any(String), created_at: expect.any(Date), queue, locked: false }])
})

test('a null that is written later is refused', async ({ house }) => {
  await house.queue({ workers: 1 })

  await expect(house.db.query('update supaqueue.worker set locked = null')).rejects.toMatchObject({ code: '23502' })
})
