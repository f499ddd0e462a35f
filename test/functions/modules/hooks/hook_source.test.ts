import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_source has a branch for each event of its hook, and for no other', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner, `events => '{update,truncate}'`)

  const { rows: [{ source }] } = await owner.db.query(
    'select supaqueue_internal.hook_source(hook) as source from supaqueue.hook where name = $1',
    [photos.name],
  )

  expect([...new Set((source as string).match(/tg_op = '\w+'/g))].sort()).toEqual([
    `tg_op = 'TRUNCATE'`,
    `tg_op = 'UPDATE'`,
  ])
})
