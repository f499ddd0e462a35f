import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

describe('on_change', () => {
  test('makes each change a job, with the body of a Database Webhook', async ({ another }) => {
    const photos = await hooked(await another('owner'))
    const [, table] = photos.table.split('.')

    await photos.run(`insert into %t values (1, 'a', 'image')`)
    await photos.run(`update %t set path = 'b'`)
    await photos.run('delete from %t')

    const before = { id: 1, path: 'a', kind: 'image' }
    const after = { id: 1, path: 'b', kind: 'image' }
    expect((await photos.jobs()).map(({ payload }) => payload)).toEqual([
      { type: 'INSERT', table, schema: 'public', record: before, old_record: null },
      { type: 'UPDATE', table, schema: 'public', record: after, old_record: before },
      { type: 'DELETE', table, schema: 'public', record: null, old_record: after },
    ])
  })

  test('says all of a hook anew when it is called again, and leaves its triggers where they are', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    const triggers = async () =>
      (await owner.db.query(`select oid, tgname from pg_trigger where tgrelid = $1::regclass order by tgname`, [
        photos.table,
      ])).rows
    const made = await triggers()

    await photos.say(`columns => '{path}'`)

    expect(await triggers()).toEqual(made)
    await photos.run(`insert into %t values (1, 'a', 'image'); update %t set kind = 'b'; update %t set path = 'b'`)
    expect(await photos.types()).toEqual(['INSERT', 'UPDATE'])

    await photos.say(`events => '{delete,truncate}'`)
    await photos.run(`insert into %t values (2, 'a', 'image'); delete from %t where id = 2; truncate %t`)
    expect(await photos.types()).toEqual(['DELETE', 'TRUNCATE'])
    expect((await triggers()).map(({ tgname }) => tgname.replace(/^.*_/, ''))).toEqual(['delete', 'truncate'])
  })

  test('counts updates of the columns that it was given, and none that leave a row as it was', async ({ another }) => {
    const photos = await hooked(await another('owner'), `columns => '{path,kind}', ignore => '{kind}'`)
    await photos.run(`insert into %t values (1, 'a', 'x'), (2, 'b', 'x')`)
    await photos.jobs()

    await photos.run(`update %t set path = path, kind = kind`)
    await photos.run(`update %t set kind = 'y'`)
    expect(await photos.types()).toEqual([])

    await photos.run(`update %t set path = 'c' where id = 1`)
    expect(await photos.types()).toEqual(['UPDATE'])
  })

  test('asks the condition of old and new, whichever side is there', async ({ another }) => {
    const photos = await hooked(
      await another('owner'),
      `"when" => $$ coalesce(new.kind, old.kind) = 'image' and old.path is distinct from 'done' -- words $$`,
    )

    await photos.run(`insert into %t values (1, 'a', 'image'), (2, 'b', 'text')`)
    await photos.run(`update %t set path = 'done'`)
    await photos.run('delete from %t')

    expect(await photos.types()).toEqual(['INSERT', 'UPDATE'])
    expect(await photos.faults()).toEqual([])
  })

  test('sends what changed of the old row, or the keys alone', async ({ another }) => {
    const owner = await another('owner')
    const changes = await hooked(owner, `payload => 'changes'`)
    const keys = await hooked(owner, `payload => 'keys'`)
    for (const hook of [changes, keys]) {
      await hook.run(`insert into %t values (1, 'a', 'image'); update %t set path = 'b'; delete from %t`)
    }

    expect((await changes.jobs()).map(({ payload, origin }) => [payload.old_record, origin['hook-payload']])).toEqual([
      [null, 'changes'],
      [{ path: 'a' }, 'changes'],
      [{ id: 1, path: 'b', kind: 'image' }, 'changes'],
    ])
    expect(
      (await keys.jobs()).map(({ payload, origin }) => [payload.record, payload.old_record, origin['hook-changed']]),
    ).toEqual([
      [{ id: 1 }, null, undefined],
      [{ id: 1 }, { id: 1 }, 'path'],
      [null, { id: 1 }, undefined],
    ])
  })

  test('asks nothing of whoever writes: they need no right on supaqueue', async ({ another, database }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    await owner.db.query(`grant insert, update, delete, select on ${photos.table} to authenticated`)
    const writer = await database.connect('authenticated')

    await writer.query(`select set_config('request.jwt.claims', '{"sub": "a-user"}', false)`)
    await writer.query(`insert into ${photos.table} values (1, 'a', 'image')`)
    await writer.query(`select set_config('request.jwt.claims', 'no json', false)`)
    await writer.query(`update ${photos.table} set path = 'b'`)

    expect((await photos.jobs()).map(({ origin }) => [origin['hook-role'], origin['hook-actor']])).toEqual([
      ['authenticated', 'a-user'],
      ['authenticated', undefined],
    ])
  })

  test('is silent in a session of a restore, and where a transaction says so', async ({ another, database }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)
    const admin = await database.connect('admin')

    await admin.query(`set session_replication_role = replica`)
    await admin.query(`insert into ${photos.table} values (1, 'a', 'image')`)
    await owner.transaction(async () => {
      await owner.db.query(`select set_config('supaqueue.silent_hooks', $1, true)`, [`another,${photos.name}`])
      await photos.run(`insert into %t values (2, 'a', 'image')`)
    })
    expect(await photos.types()).toEqual([])

    await photos.run(`update %t set path = 'b'`)
    expect(await photos.types()).toEqual(['UPDATE', 'UPDATE'])
  })

  test('never has a write fail for a row that its queue does not take', async ({ another }) => {
    const owner = await another('owner')
    const rows = await hooked(owner, '', 'id integer primary key, path text, n numeric')
    await owner.db.query('update supaqueue.queue set payload_max_bytes = 2000 where id = $1', [rows.queue])

    await rows.run(`insert into %t values (1, repeat('a', 3000), null), (2, null, '1e131071'), (3, 'short', 1)`)
    await rows.run(`update %t set path = repeat('b', 2500000) where id = 3`)

    expect((await rows.jobs()).map(({ payload, origin }) => [payload.record, origin['hook-payload']])).toEqual([
      [{ id: 1 }, 'keys'],
      [{ id: 2 }, 'keys'],
      [{ id: 3, path: 'short', n: 1 }, undefined],
      [{ id: 3 }, 'keys'],
    ])
  })

  test('names the row by its key also where that is all that it sends of a change', async ({ another }) => {
    const owner = await another('owner')
    const rows = await hooked(owner, `payload => 'changes'`, 'id integer primary key, path text')
    await owner.db.query('update supaqueue.queue set payload_max_bytes = 2000 where id = $1', [rows.queue])

    await rows.run(`insert into %t values (1, 'short')`)
    await rows.run(`update %t set path = repeat('a', 3000)`)
    await rows.run(`delete from %t`)

    expect((await rows.jobs()).map(({ payload }) => [payload.record, payload.old_record])).toEqual([
      [{ id: 1, path: 'short' }, null],
      [{ id: 1 }, { id: 1 }],
      [null, { id: 1 }],
    ])
  })

  test('has nothing to say in a migration, the first time and again', async ({ another }) => {
    const owner = await another('owner')

    expect(
      await owner.notices(async () => {
        const hook = await hooked(owner)
        await hook.say(`"when" => 'new.id > 1'`)
        await hook.say('')
        await owner.db.query('select supaqueue.off_change($1)', [hook.name])
      }),
    ).toEqual([])
  })

  test('says nothing of a row whose very key is too long', async ({ another }) => {
    const owner = await another('owner')
    const rows = await hooked(owner, '', 'id text primary key')
    await owner.db.query('update supaqueue.queue set payload_max_bytes = 1 where id = $1', [rows.queue])

    await rows.run(`insert into %t values (repeat('k', 1500))`)

    expect((await rows.jobs()).map(({ payload, origin }) => [payload.record, origin['hook-payload']])).toEqual([[
      null,
      'none',
    ]])
  })

  test('counts everything as passed once a column is gone, and says so', async ({ another }) => {
    const photos = await hooked(await another('owner'), `columns => '{path}', "when" => 'new.kind = ''image'''`)
    await photos.run(`insert into %t values (1, 'a', 'image'), (2, 'a', 'text')`)
    await photos.jobs()

    await photos.run(
      `alter table %t rename path to place; alter table %t drop column kind; alter table %t add column size integer`,
    )
    await photos.run(`update %t set size = 1`)

    expect((await photos.jobs()).map(({ payload }) => [payload.type, payload.record])).toEqual([
      ['UPDATE', { id: 1, place: 'a', size: 1 }],
      ['UPDATE', { id: 2, place: 'a', size: 1 }],
    ])
    expect((await photos.faults()).map(({ code, lost }) => [code, lost])).toEqual([['42703', 0], ['42703', 0]])
    await photos.run(`update %t set size = 2`)
    expect(await photos.faults()).toHaveLength(2)
  })

  test('goes on when the primary key is renamed', async ({ another }) => {
    const photos = await hooked(await another('owner'), `payload => 'keys'`)
    await photos.run(`alter table %t rename id to number`)

    await photos.run(
      `insert into %t values (1, 'a', 'image'), (2, 'a', 'image'); update %t set number = number + 10; delete from %t`,
    )

    expect(await photos.types()).toEqual(['INSERT', 'INSERT', 'UPDATE', 'UPDATE', 'DELETE', 'DELETE'])
  })

  test('counts what raises in the condition of one row, and only that row', async ({ another }) => {
    const photos = await hooked(await another('owner'), `"when" => 'new.kind::integer > 5'`)

    await photos.run(`insert into %t values (1, 'a', '9'), (2, 'a', 'text'), (3, 'a', '1')`)

    expect((await photos.jobs()).map(({ payload }) => (payload.record as { id: number }).id)).toEqual([1, 2])
    expect((await photos.faults()).map(({ code }) => code)).toEqual(['22P02'])
  })

  test('fails a write whose job cannot be enqueued, unless it is soft, and then counts what is lost', async ({ another }) => {
    const owner = await another('owner')
    const hard = await hooked(owner)
    const soft = await hooked(owner, 'soft => true')
    await owner.db.query(`
      create function public.refuse() returns trigger language plpgsql as $$ begin raise 'not today'; end $$;
      create trigger refuse before insert on supaqueue.job for each row execute function public.refuse()`)

    expect((await refusal(hard.run(`insert into %t values (1, 'a', 'image')`))).message).toBe('not today')
    await soft.run(`insert into %t values (1, 'a', 'image'), (2, 'a', 'image')`)

    await owner.db.query('drop trigger refuse on supaqueue.job')
    expect(await soft.types()).toEqual([])
    expect(await soft.faults()).toEqual([{ code: 'P0001', reason: 'not today', lost: 2 }])
  })

  test('survives columns that are called as what is ours', async ({ another }) => {
    const odd = await hooked(
      await another('owner'),
      `"when" => 'new.target is not null or new is null'`,
      'target integer, origin text, "Origin,x" text, o text, n text, risky text, body text, "table" text, primary key (target, origin)',
    )

    await odd.run(`insert into %t values (1, 'a', 'b', 'c', 'd', 'e', 'f', 'g'); update %t set n = 'x'`)

    const [, { payload }] = await odd.jobs() as [unknown, { payload: Record<string, unknown> }]
    expect(payload.record).toEqual({
      target: 1,
      origin: 'a',
      'Origin,x': 'b',
      o: 'c',
      n: 'x',
      risky: 'e',
      body: 'f',
      table: 'g',
    })
    expect(await odd.faults()).toEqual([])
  })

  test('finds both rows of an update where there is no primary key', async ({ another }) => {
    const plain = await hooked(await another('owner'), '', 'a integer, gone text, b integer')
    await plain.run(`alter table %t drop column gone; insert into %t values (1, 1), (1, 1), (2, 5)`)
    await plain.jobs()

    await plain.run(`update %t set b = b + 1 where a = 1; update %t set b = 5 where a = 2`)

    expect((await plain.jobs()).map(({ payload }) => [payload.old_record, payload.record])).toEqual([
      [{ a: 1, b: 1 }, { a: 1, b: 2 }],
      [{ a: 1, b: 1 }, { a: 1, b: 2 }],
    ])
  })

  test.for(
    [
      [`'public.nothing', 'q'`, 'SQ404', 'Nothing was changed'],
      [`'nothing', 'q'`, 'SQ404', 'with its schema'],
      [`null, 'q'`, 'SQ404', 'with its schema'],
      [`'public.refused', 'nowhere'`, 'SQ404', 'Nothing was changed'],
      [`'supaqueue.job', 'q'`, 'SQ422', 'neither temporary nor'],
      [`'public.refused', 'q', events => '{}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', events => '{upsert}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', payload => 'all'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', payload => 'keys'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', columns => '{b}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', columns => '{}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', ignore => '{b}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', events => '{insert}', columns => '{a}'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', name => 'zwölf'`, 'SQ422', 'Nothing was changed'],
      [`'public.refused', 'q', "when" => 'new.b = 1'`, 'SQ422', 'rows new and old'],
      [`'public.refused', 'q', "when" => 'new.a'`, 'SQ422', 'rows new and old'],
      [`'public.refused', 'q', "when" => 'count(*) > 1'`, 'SQ422', 'rows new and old'],
      [`'public.refused', 'q', "when" => 'true); drop table public.refused; --'`, 'SQ422', 'rows new and old'],
      [
        `'public.refused', 'q', "when" => 'true); drop table public.refused; select (true'`,
        'SQ422',
        'rows new and old',
      ],
      [`'public.others', 'q'`, 'SQ403', 'alter table public.others owner to postgres'],
    ] as const,
  )('refuses %s', async ([args, code, hint], { another, database }) => {
    const owner = await another('owner')
    await owner.db.query(`
      insert into supaqueue.queue (name, edge_function_name) values ('q', 'hello') on conflict do nothing;
      create table if not exists public.refused (a integer)`)
    await (await database.connect('admin')).query(
      `create table if not exists public.others (a integer primary key); alter table public.others owner to authenticated`,
    )

    expect(await refusal(owner.db.query(`select supaqueue.on_change(${args})`))).toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    })
    expect((await owner.db.query(`select from supaqueue.hook where table_name in ('refused', 'others')`)).rows).toEqual(
      [],
    )
  })

  test('refuses everybody but the owner', async ({ harness }) => {
    expect((await refusal(harness.db.query(`select supaqueue.on_change('public.x', 'y')`))).code).toBe('42501')
  })

  test('waits for a table that is in use, and not for long', async ({ another }) => {
    const owner = await another('owner')
    const reader = await another('owner')
    await owner.db.query('create table public.busy (a integer primary key)')
    const queue = await owner.queue()
    await reader.begin()
    await reader.db.query('insert into public.busy values (1)')

    const refused = await refusal(owner.db.query(`select supaqueue.on_change('public.busy', $1)`, [queue]))

    await reader.commit()
    expect(refused).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
  })
})
