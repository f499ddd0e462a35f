import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test("drop_hook drops the triggers on a table that is somebody else's by now", async ({ another, database }) => {
  const owner = await another('owner')
  const photos = await hooked(owner, `"when" => 'true'`)
  await (await database.connect('admin')).query(`alter table ${photos.table} owner to service_role`)
  const drop = () =>
    owner.db.query('select supaqueue_internal.drop_hook(id) from supaqueue.hook where name = $1', [photos.name])

  await drop()
  await drop()

  const { rows } = await owner.db.query('select from pg_trigger where tgrelid = $1::regclass', [photos.table])
  expect(rows).toEqual([])
})
