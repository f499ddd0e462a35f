import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('hook_origin says who wrote, when and in which transaction', async ({ harness }) => {
  await harness.begin()
  await harness.db.query(`select set_config('request.jwt.claims', '{"sub": "a-user"}', true)`)
  const { rows: [{ origin, xid }] } = await harness.db.query(
    `select supaqueue_internal.hook_origin('my hook', 'public.photos') as origin, pg_current_xact_id()::text as xid`,
  )
  await harness.rollback()

  expect(origin).toEqual({
    hook: 'my hook',
    'hook-table': 'public.photos',
    'hook-transaction': xid,
    'hook-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    'hook-actor': 'a-user',
    'hook-role': 'service_role',
  })
})

test.for(['', '{', '[]', '"x"'])('hook_origin names nobody by the claims %j', async (claims, { harness }) => {
  await harness.db.query(`select set_config('request.jwt.claims', $1, false)`, [claims])

  const { rows: [{ origin }] } = await harness.db.query(`select supaqueue_internal.hook_origin('h', 't') as origin`)

  expect(origin['hook-actor']).toBe(undefined)
})
