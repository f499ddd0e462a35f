import fc from 'fast-check'
import type pg from 'pg'
import { describe, expect } from 'vitest'
import { harness, test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

const sweep = (db: pg.Client, most = 1000) => db.query('select supaqueue_internal.keep_hooks(most => $1)', [most])

/** As when the time has come to try again what was set aside. */
const due = (db: pg.Client) => db.query(`update supaqueue.trouble set next_try_at = now() - interval '1 second'`)

/** Several sweeps, for on a busy machine one may not come to all of them in the second that it has. */
async function keep(db: pg.Client): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await due(db)
    await sweep(db)
  }
}

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
      const other = harness(await database.connect(role))
      expect((await other.db.query('select supaqueue_internal.keep_hooks() as written')).rows).toEqual([{ written: 0 }])
    }
    await keep(owner.db)
  })

  test('comes to each hook in turn, however many before it cannot be put right', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const hooks = fc.record({
      bad: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
      most: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(hooks, async ({ bad, most }) => {
        await owner.db.query('delete from supaqueue.hook; delete from supaqueue.trouble')
        const made: (Awaited<ReturnType<typeof hooked>> & { isBad: boolean })[] = []
        for (const isBad of bad) {
          const photos = await hooked(owner)
          const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [
            photos.table,
          ])
          for (const { tgname } of rows) await photos.run(`drop trigger ${tgname} on %t`)
          // No hook can stand on such a table.
          if (isBad) await photos.run('alter table %t add column supaqueue_row integer')
          made.push({ ...photos, isBad })
        }

        for (let i = 0; i < 3 * bad.length; i++) {
          await sweep(owner.db, most)
          await due(owner.db)
        }

        const aside = await owner.db.query(
          `select hook.name from supaqueue.trouble join supaqueue.hook on hook.id::text = trouble.subject where trouble.kind = 'hooks'`,
        )
        expect(aside.rows.map(({ name }) => name).sort()).toEqual(
          made.filter(({ isBad }) => isBad).map(({ name }) => name).sort(),
        )
        const { rows } = await owner.db.query(`select distinct hook from supaqueue_internal.hook_gaps()`)
        expect(rows).toHaveLength(bad.filter((isBad) => isBad).length)

        // What is put right, or has gone, is no trouble any more.
        for (const { isBad, run } of made) if (isBad) await run('alter table %t drop column supaqueue_row')
        for (let i = 0; i < 3 * bad.length; i++) await sweep(owner.db, most)
        expect((await owner.db.query('select from supaqueue.trouble')).rowCount).toBe(0)
        expect((await owner.db.query('select from supaqueue_internal.hook_gaps()')).rowCount).toBe(0)
      }),
      { numRuns: 12 },
    )
  })

  test('tries again within a minute what is set aside, and leaves it alone until then', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const photos = await hooked(owner)
    const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [photos.table])
    await photos.run(`drop trigger ${rows[0].tgname} on %t; alter table %t add column supaqueue_row integer`)

    for (let i = 0; i < 12; i++) {
      await due(owner.db)
      await sweep(owner.db)
    }

    const said = await owner.db.query(
      `select tries, code, reason, next_try_at - tried_at <= interval '1 minute' as soon from supaqueue.trouble`,
    )
    expect(said.rows).toEqual([{
      tries: 12,
      code: 'SQ422',
      reason: expect.stringContaining('supaqueue_row'),
      soon: true,
    }])
    await sweep(owner.db)
    expect((await owner.db.query('select tries from supaqueue.trouble')).rows).toEqual([{ tries: 12 }])
  })

  test('puts the triggers right that it can, whoever refuses that a hook follows its table', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const [moved, other] = [await hooked(owner), await hooked(owner)]
    await moved.run('alter table %t rename to renamed')
    const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [other.table])
    await other.run(`drop trigger ${rows[0].tgname} on %t`)
    await owner.db.query(`
      create function public.refuse() returns trigger language plpgsql as 'begin raise exception ''not this one''; end';
      create trigger refuse before update on supaqueue.hook for each row execute function public.refuse()`)

    await keep(owner.db)

    await other.run(`insert into %t values (1, 'a', 'image')`)
    expect(await other.types()).toEqual(['INSERT'])
    expect((await owner.db.query('select kind, reason from supaqueue.trouble')).rows).toEqual([
      { kind: 'hooks', reason: 'not this one' },
    ])
  })

  test('goes on where somebody has an event trigger that refuses one of them', async ({ ownDatabase }) => {
    const owner = harness(await ownDatabase.connect('owner'))
    const admin = await ownDatabase.connect('admin')
    const [bad, good] = [await hooked(owner), await hooked(owner)]
    for (const { table } of [bad, good]) {
      const { rows } = await owner.db.query('select tgname from pg_trigger where tgrelid = $1::regclass', [table])
      await owner.db.query(`drop trigger ${rows[0].tgname} on ${table}`)
    }
    for (const how of [`raise exception using errcode = 'query_canceled', message = 'no'`, `assert false`]) {
      await admin.query(`
        drop event trigger if exists refuse;
        create or replace function public.refuse() returns event_trigger language plpgsql as $f$ begin
          if exists (select from pg_event_trigger_ddl_commands() where object_identity like '%${bad.table}%') then ${how}; end if;
        end $f$;
        create event trigger refuse on ddl_command_end when tag in ('CREATE TRIGGER') execute function public.refuse()`)
      await due(owner.db)
      await keep(owner.db)
    }
    await keep(owner.db)

    await good.run(`insert into %t values (1, 'a', 'image')`)
    expect(await good.types()).toEqual(['INSERT'])
    await admin.query('drop event trigger refuse')
  })
})
