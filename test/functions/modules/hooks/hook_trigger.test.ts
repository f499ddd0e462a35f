import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_trigger names the triggers as they stand', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)
  const { rows } = await owner.db.query(
    `select tgname = supaqueue_internal.hook_trigger(hook.id, 'insert') as same
     from pg_trigger cross join supaqueue.hook
     where tgrelid = $1::regclass and tgtype & 4 > 0 and hook.name = $2`,
    [photos.table, photos.name],
  )
  expect(rows).toEqual([{ same: true }])
})
