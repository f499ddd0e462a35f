import { describe, expect } from 'vitest'
import { house, test } from '../../../support/house.ts'
import { hooked } from './hooked.ts'

const keep = (db: { query(sql: string): Promise<unknown> }) =>
  db.query('select supaqueue_internal.keep_hooks(most => 1000)')

describe('keep_hooks', () => {
  test('puts back what was dropped, and the triggers of a partition that came later', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await owner.db.query(`
      select set_config('test.name', 'public.whole_' || txid_current(), false);
      do $$ begin execute format('create table %s (id integer primary key) partition by list (id)', current_setting('test.name')); end $$`)
    const { rows: [{ whole }] } = await owner.db.query(`select current_setting('test.name') as whole`)
    await owner.db.query('select supaqueue.on_change($1, $2, name => $1)', [whole, photos.queue])
    await owner.db.query(`create table ${whole}_1 partition of ${whole} for values in (1)`)
    await owner.db.query(
      `do $$ declare made record; begin
         for made in select tgname from pg_trigger where tgrelid = '${photos.table}'::regclass loop
           execute format('drop trigger %I on ${photos.table}', made.tgname);
         end loop; end $$`,
    )

    await keep(owner.db)

    await photos.run(`insert into %t values (1, 'a', 'image')`)
    await owner.db.query(`insert into ${whole}_1 values (1)`)
    expect((await photos.jobs()).map(({ payload }) => `public.${payload.table}`)).toEqual([photos.table, whole])

    // Detached, it is no part of the table any more.
    await owner.db.query(`alter table ${whole} detach partition ${whole}_1`)
    await keep(owner.db)
    await owner.db.query(`delete from ${whole}_1`)
    expect(await photos.jobs()).toEqual([])
  })

  test('follows a table that is renamed, and does not take another that got its name', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    const [, name] = photos.table.split('.')
    await photos.run(`alter table %t rename to ${name}_old; create table %t (id integer primary key)`)

    await keep(owner.db)

    await owner.db.query(
      `insert into ${photos.table}_old values (1, 'a', 'image'); insert into ${photos.table} values (2)`,
    )
    expect((await photos.jobs()).map(({ payload }) => payload.table)).toEqual([`${name}_old`])
    const { rows } = await owner.db.query('select table_name from supaqueue.hook where name = $1', [photos.name])
    expect(rows).toEqual([{ table_name: `${name}_old` }])
  })

  test('writes functions anew that another release wrote otherwise, when an install calls it', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await owner.db.query(
      `do $$ begin execute format('create or replace function supaqueue_internal.%I() returns trigger language plpgsql as %L',
         (select supaqueue_internal.hook_routine(id) from supaqueue.hook where name = '${photos.name}'), 'begin return null; end'); end $$`,
    )

    await owner.db.query('select supaqueue_internal.keep_hooks()')

    await photos.run(`insert into %t values (1, 'a', 'image')`)
    expect(await photos.types()).toEqual(['INSERT'])
  })

  test('does not wait for a table that is in use, and puts the others right', async ({ another }) => {
    const owner = await another('owner')
    const [busy, free] = [await hooked(owner), await hooked(owner)]
    for (const { table } of [busy, free]) {
      const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [table])
      for (const { tgname } of rows) await owner.db.query(`drop trigger ${tgname} on ${table}`)
    }
    const writer = await another('owner')
    await writer.db.query('begin')
    await writer.db.query(`insert into ${busy.table} values (1, 'a', 'image')`)

    await keep(owner.db)
    await free.run(`insert into %t values (1, 'a', 'image')`)
    expect(await free.types()).toEqual(['INSERT'])

    await writer.db.query('rollback')
    await keep(owner.db)
    await busy.run(`insert into %t values (1, 'a', 'image')`)
    expect(await busy.types()).toEqual(['INSERT'])
  })

  test('makes nothing for whoever does not own supaqueue, not even a superuser', async ({ another, database }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [photos.table])
    await owner.db.query(`drop trigger ${rows[0].tgname} on ${photos.table}`)

    for (const role of ['admin', 'service_role'] as const) {
      const other = house(await database.connect(role))
      expect((await other.db.query('select supaqueue_internal.keep_hooks() as written')).rows).toEqual([{ written: 0 }])
    }
    await keep(owner.db)
  })
})
