import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Harness, harness, test } from '../../../support/harness.ts'
import { root } from '../../../support/markdown.ts'
import type { TestDatabase } from '../../../support/database.ts'

/** A project with the platform's schemas, tables and the functions' address. */
async function project(database: TestDatabase): Promise<{ owner: Harness; webhook: (sql: string) => Promise<void> }> {
  const admin = await database.connect('admin')
  await admin.query(readFileSync(join(root, 'scripts/dev/project/platform.sql'), 'utf8'))
  const owner = harness(await database.connect('owner'))
  await owner.db.query(`
    insert into supaqueue.setting (name, value) values ('functions_url', 'https://abcd.supabase.co/functions/v1')
    on conflict (name) do update set value = excluded.value;
    create table public.photos (id integer primary key, path text, kind text);
    create table public."Order Lines" (id integer primary key)`)
  return {
    owner,
    webhook: async (sql) =>
      void await owner.db.query(
        `create trigger ${sql.replaceAll('%f', 'for each row execute function supabase_functions.http_request')}`,
      ),
  }
}

const listed = async (owner: Harness, more = '') =>
  (await owner.db.query(`select supaqueue.adopt_webhooks(${more}) as list`)).rows[0].list

describe('adopt_webhooks', () => {
  test('says what puts a hook in the place of each, and shows no key', async ({ ownDatabase }) => {
    const { owner, webhook } = await project(ownDatabase)
    await webhook(
      `thumb after insert or update on public.photos %f('https://abcd.supabase.co/functions/v1/thumbnails', 'POST', '{"Content-type":"application/json","Authorization":"Bearer geheim-1"}', '{}', '5000')`,
    )
    await webhook(
      `"tell them" after delete on public."Order Lines" %f('https://example.com/in?key=geheim-2', 'POST', '{"X-Secret":"geheim-3"}', '{"a":"geheim-4"}', '5000')`,
    )
    await webhook(`looked after insert on public.photos %f('https://example.com/ping', 'GET', '{}', '{}', '1000')`)
    await webhook(
      `moved after update of path on public.photos for each row when (old.path is distinct from new.path and new.kind = 'it''s') execute function supabase_functions.http_request('http://kong:8000/functions/v1/moved', 'POST', '{}', '{}', '1000')`,
    )
    await webhook(
      `other after insert on public.photos %f('https://wxyz.supabase.co/functions/v1/far', 'POST', 'null', 'null', 'null')`,
    )

    const list = await listed(owner)
    expect(list.map(({ name, table, calls }: Record<string, string>) => [name, table, calls])).toEqual([
      ['tell them', 'public."Order Lines"', 'https://example.com/in'],
      ['looked', 'public.photos', 'https://example.com/ping'],
      ['moved', 'public.photos', 'the function moved'],
      ['other', 'public.photos', 'https://wxyz.supabase.co/functions/v1/far'],
      ['thumb', 'public.photos', 'the function thumbnails'],
    ])
    expect(list[4]).toMatchObject({
      statements: [
        `select supaqueue.create_queue('thumbnails', 'thumbnails', workers => 5);`,
        `select supaqueue.on_change('public.photos', 'thumbnails', name => 'thumb', events => '{insert,update}');`,
        'alter table public.photos disable trigger thumb;',
      ],
      afterwards: 'drop trigger thumb on public.photos;',
      notes: [],
    })
    expect(list[0]).toMatchObject({
      statements: [
        expect.stringContaining('timeout_ms => 5000'),
        expect.stringContaining('vault:tell them_x_secret'),
        expect.stringContaining(`on_change('public."Order Lines"'`),
        'alter table public."Order Lines" disable trigger "tell them";',
      ],
      notes: [
        expect.stringContaining('parameters'),
        expect.stringContaining(`'<value of X-Secret>', 'tell them_x_secret'`),
      ],
    })
    expect(list[1]).toMatchObject({ statements: [], afterwards: null, notes: [expect.stringContaining('GET')] })
    expect(list[2].statements[1]).toContain(`columns => '{path}'`)
    // An address may be a key itself, as the webhook had it; headers and parameters are left out.
    expect(JSON.stringify(list)).not.toMatch(/geheim-[134]/)
    expect((await owner.db.query('select from supaqueue.hook')).rowCount).toBe(0)
  })

  test('puts them there when asked to, and what they say can be run', async ({ ownDatabase }) => {
    const { owner, webhook } = await project(ownDatabase)
    await webhook(
      `moved after update of path on public.photos for each row when (old.path is distinct from new.path and new.kind = 'it''s') execute function supabase_functions.http_request('http://kong:8000/functions/v1/moved', 'POST', '{}', '{}', '1000')`,
    )
    await webhook(
      `tell after insert or delete on public.photos %f('https://example.com/in', 'POST', '{"X-Secret":"k"}', '{}', '5000')`,
    )
    await webhook(`tell after insert on public."Order Lines" %f('https://example.com/in', 'POST', '{}', '{}', '1000')`)
    await webhook(`off after insert on public.photos %f('https://example.com/off', 'POST', '{}', '{}', '1000')`)
    await owner.db.query('alter table public.photos disable trigger off')

    await listed(owner, 'dry_run => false')

    expect((await owner.db.query('select name from supaqueue.hook order by name')).rows.map(({ name }) => name))
      .toEqual([
        'Order Lines_tell',
        'moved',
        'photos_tell',
      ])
    expect((await listed(owner)).map(({ enabled }: { enabled: boolean }) => enabled)).toEqual([
      false,
      false,
      false,
      false,
    ])
    await owner.db.query(`
      insert into public.photos values (1, 'a', 'it''s');
      update public.photos set path = 'b';
      update public.photos set kind = 'other'`)
    const { rows } = await owner.db.query(
      `select origin ->> 'hook' as hook, payload ->> 'type' as type from supaqueue.job order by id`,
    )
    expect(rows).toEqual([{ hook: 'photos_tell', type: 'INSERT' }, { hook: 'moved', type: 'UPDATE' }])
    expect(
      (await owner.db.query('select count(*)::integer as requests from net.http_request_queue where url like $1', [
        '%example.com%',
      ])).rows,
    )
      .toEqual([{ requests: 0 }])
  })

  test('gives webhooks a queue each where they call the same with other headers, and one where nothing differs', async ({ ownDatabase }) => {
    const { owner, webhook } = await project(ownDatabase)
    const call = (name: string, events: string, headers: string, fn = 'mail') =>
      webhook(
        `${name} after ${events} on public.photos %f('https://abcd.supabase.co/functions/v1/${fn}', 'POST', '${headers}', '{}', '1000')`,
      )
    await call('a', 'insert', '{"Authorization":"Bearer 1"}')
    await call('b', 'delete', '{"Authorization":"Bearer 2"}')
    await call('c', 'update', '{"X-Kind":"changed"}')
    await call('d', 'update of kind', '{"X-Kind":"kind"}')

    const before = await listed(owner)
    await listed(owner, 'dry_run => false')

    const { rows } = await owner.db.query(`
      select hook.name, queue.name as queue, edge_function_name as calls, default_headers ->> 'X-Kind' as kind,
        (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers
      from supaqueue.hook join supaqueue.queue on queue.id = hook.queue order by 1`)
    expect(rows).toEqual([
      { name: 'a', queue: 'mail', calls: 'mail', kind: null, workers: 5 },
      { name: 'b', queue: 'mail', calls: 'mail', kind: null, workers: 5 },
      { name: 'c', queue: 'c', calls: 'mail', kind: 'vault:c_x_kind', workers: 5 },
      { name: 'd', queue: 'd', calls: 'mail', kind: 'vault:d_x_kind', workers: 5 },
    ])
    // What was shown is what was done, and would be again.
    const called = (list: { statements: string[] }[]) =>
      list.map(({ statements }) => statements.find((statement) => statement.includes('on_change')))
    expect(called(await listed(owner))).toEqual(called(before))
    await owner.db.query(`insert into public.photos values (1, 'a', 'b'); update public.photos set kind = 'c'`)
    expect((await owner.db.query(`select origin ->> 'hook' as hook from supaqueue.job order by 1`)).rows)
      .toEqual([{ hook: 'a' }, { hook: 'c' }, { hook: 'd' }])
  })

  test('writes over no hook and no queue that is something else', async ({ ownDatabase }) => {
    const { owner, webhook } = await project(ownDatabase)
    await owner.db.query(`
      select supaqueue.create_queue('mine', 'other-function', workers => 7);
      select supaqueue.create_queue('thumbnails', 'thumbnails', workers => 7);
      select supaqueue.create_queue('picked', mode => 'pull');
      select supaqueue.on_change('public."Order Lines"', 'mine', name => 'told')`)
    await webhook(`told after insert on public.photos %f('https://example.com/a', 'POST', '{}', '{}', '999999')`)
    await webhook(`mine after insert on public.photos %f('https://example.com/b', 'POST', '{}', '{}', '1000')`)
    await webhook(
      `"größer" after insert on public.photos %f('https://abcd.supabase.co/functions/v1/thumbnails', 'POST', '{}', '{}', '1000')`,
    )
    await webhook(
      `p after insert on public.photos %f('https://abcd.supabase.co/functions/v1/picked', 'POST', '{}', '{}', '1000')`,
    )
    await webhook(`same after insert on public.photos %f('https://example.com/one', 'POST', '{}', '{}', '1000')`)
    await webhook(`same after insert on public."Order Lines" %f('https://example.com/two', 'POST', '{}', '{}', '1000')`)

    await listed(owner, 'dry_run => false')

    const { rows } = await owner.db.query(`
      select hook.name, queue.name as queue, coalesce(url, edge_function_name) as calls, mode,
        (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers
      from supaqueue.hook join supaqueue.queue on queue.id = hook.queue order by hook.name collate "C"`)
    expect(rows).toEqual([
      { name: 'Order Lines_same', queue: 'same', calls: 'https://example.com/two', mode: 'push', workers: 5 },
      { name: 'gr_er', queue: 'thumbnails', calls: 'thumbnails', mode: 'push', workers: 7 },
      { name: 'mine', queue: 'mine_2', calls: 'https://example.com/b', mode: 'push', workers: 5 },
      { name: 'p', queue: 'p', calls: 'picked', mode: 'push', workers: 5 },
      { name: 'photos_same', queue: 'photos_same', calls: 'https://example.com/one', mode: 'push', workers: 5 },
      { name: 'photos_told', queue: 'told', calls: 'https://example.com/a', mode: 'push', workers: 5 },
      { name: 'told', queue: 'mine', calls: 'other-function', mode: 'push', workers: 7 },
    ])
  })

  test('has each stand alone: what is refused stays as it is, with its reason, and the others are there', async ({ ownDatabase }) => {
    const { owner, webhook } = await project(ownDatabase)
    await owner.db.query('create table public.odd (supaqueue_whole integer)')
    const call = (name: string, table: string, url: string, headers = '{}') =>
      webhook(`${name} after insert on public.${table} %f('${url}', 'POST', '${headers}', '{}', '1000')`)
    await call('a', 'odd', 'https://abcd.supabase.co/functions/v1/mail')
    await call('b', 'photos', 'https://example.com/in', '{"no name": "x"}')
    await call('c', 'photos', 'ftp://example.com/in')
    await call('d', 'photos', 'https://abcd.supabase.co/functions/v1/mail')

    const refusals = (list: { name: string; refused: { code: string } | null }[]) =>
      Object.fromEntries(list.map(({ name, refused }) => [name, refused]))
    expect(refusals(await listed(owner))).toMatchObject({ a: { code: 'SQ422' }, d: null })

    expect(refusals(await listed(owner, 'dry_run => false'))).toEqual({
      a: { code: 'SQ422', message: expect.stringContaining('public.odd'), hint: expect.stringContaining('rename') },
      b: { code: expect.any(String), message: expect.stringMatching(/./), hint: expect.anything() },
      c: { code: expect.any(String), message: expect.stringMatching(/./), hint: expect.anything() },
      d: null,
    })
    const { rows } = await owner.db.query(`
      select tgname as name, tgenabled <> 'D' as on from pg_trigger
      where tgfoid = 'supabase_functions.http_request'::regproc order by 1`)
    expect(rows).toEqual([{ name: 'a', on: true }, { name: 'b', on: true }, { name: 'c', on: true }, {
      name: 'd',
      on: false,
    }])
    expect((await owner.db.query('select name from supaqueue.hook')).rows).toEqual([{ name: 'd' }])
    expect((await owner.db.query('select name from supaqueue.queue')).rows).toEqual([{ name: 'mail' }])
  })

  test('finds nothing where there is nothing', async ({ another }) => {
    expect(await listed(await another('owner'))).toEqual([])
  })
})
