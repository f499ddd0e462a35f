import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a job that depends on others waits until they have ended', async ({ harness }) => {
  const { edges, state } = pipeline(harness)
  const queue = await harness.queue()
  const [source] = await harness.jobs(queue, 1)

  const { rows: [{ id }] } = await harness.db.query(
    'select supaqueue.enqueue($1, depends_on => array[$2::bigint]) as id',
    [queue, source],
  )

  expect(await state(id)).toEqual({ status: 'held', waits_for: 1 })
  expect(await edges(id)).toMatchObject([{ source, ended_as: null }])
})
