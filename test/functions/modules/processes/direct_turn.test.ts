import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('is the turn of a run, and of nobody else', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1 })
  await harness.jobs(queue, 1)
  const ask = async (request: object) =>
    (await harness.db.query('select supaqueue_internal.direct_turn($1) as answer', [JSON.stringify(request)])).rows[0]
      .answer

  expect((await ask({ run: randomUUID(), queue, room: 1 })).jobs).toHaveLength(1)
  expect(Object.keys(await ask({}))).toEqual(['now_ms'])
  await expect(ask({ queue })).rejects.toMatchObject({ code: 'SQ422' })
})
