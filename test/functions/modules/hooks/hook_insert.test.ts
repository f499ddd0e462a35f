import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

// What it does is seen at on_change; here, what it must not: read a column of the user's table beside a variable.
test('hook_insert names no variable where columns of the table are in reach', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)
  const { rows: [{ sql }] } = await owner.db.query(
    `select supaqueue_internal.hook_insert(hook, '<from>', '<where>', '{id}') as sql from supaqueue.hook where name = $1`,
    [photos.name],
  )

  const innermost = (sql as string).slice(
    (sql as string).lastIndexOf('supaqueue_old.supaqueue_whole as o'),
    (sql as string).indexOf('<from>'),
  )
  expect(innermost).not.toBe('')
  expect(innermost.match(/\b(target|origin|risky|shown_table|shown_schema)\b/g)).toBe(null)
})
