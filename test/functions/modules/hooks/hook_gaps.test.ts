import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_gaps finds what is missing, disabled, too much, and the table that is gone', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)
  const gaps = async () =>
    (await owner.db.query(
      `select relation::regclass::text as relation, event, state from supaqueue_internal.hook_gaps()
       where hook = (select id from supaqueue.hook where name = $1) order by event`,
      [photos.name],
    )).rows
  const [, relation] = photos.table.split('.')
  const trigger = async (event: string) =>
    (await owner.db.query(
      'select supaqueue_internal.hook_trigger(id, $1) as name from supaqueue.hook where name = $2',
      [event, photos.name],
    )).rows[0].name
  expect(await gaps()).toEqual([])

  await photos.run(`drop trigger ${await trigger('delete')} on %t`)
  await photos.run(`alter table %t disable trigger ${await trigger('insert')}`)
  await owner.db.query(`update supaqueue.hook set events = '{insert,delete}' where name = $1`, [photos.name])
  expect(await gaps()).toEqual([
    { relation, event: 'delete', state: 'missing' },
    { relation, event: 'insert', state: 'disabled' },
    { relation, event: 'update', state: 'extra' },
  ])

  await photos.run('drop table %t')
  expect(await gaps()).toEqual([{ relation: null, event: null, state: 'table' }])
})
