import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a job that depends on others waits until they have ended', async ({ house }) => {
  const { edges, state } = pipeline(house)
  const queue = await house.queue()
  const [source] = await house.jobs(queue, 1)

  const { rows: [{ id }] } = await house.db.query(
    'select supaqueue.enqueue($1, depends_on => array[$2::bigint]) as id',
    [queue, source],
  )

  expect(await state(id)).toEqual({ status: 'held', waits_for: 1 })
  expect(await edges(id)).toMatchObject([{ source, ended_as: null }])
})
