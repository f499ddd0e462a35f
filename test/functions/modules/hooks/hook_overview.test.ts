import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_overview has each hook with what it has made, what is wrong, and its backfills', async ({ harness, another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner, `columns => '{path}', payload => 'keys'`)
  await photos.run(`insert into %t values (1, 'a'), (2, 'b')`)
  await owner.db.query('select supaqueue.backfill($1)', [photos.name])
  await owner.db.query('select supaqueue.pause_hook($1, $2)', [photos.name, 'seeding'])
  await owner.db.query(
    `select supaqueue_internal.note_hook_fault(id, '42703', 'no such column', 3) from supaqueue.hook where name = $1`,
    [photos.name],
  )
  await photos.run('alter table %t disable trigger user')

  const { rows: [{ list }] } = await harness.db.query('select supaqueue.hook_overview() as list')

  expect(list.find(({ hook }: { hook: string }) => hook === photos.name)).toMatchObject({
    table: photos.table,
    events: ['delete', 'insert', 'update'],
    columns: ['path'],
    payload: 'keys',
    enabled: false,
    off_reason: 'seeding',
    call: expect.stringContaining(`select supaqueue.on_change('${photos.table}'`),
    made: 2,
    waiting: 2,
    failed: 0,
    gaps: ['disabled'],
    faults: [{ code: '42703', lost: 3 }],
    lost: 3,
    backfills: [{ status: 'running', rows: 0 }],
  })
})
