import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type House, house, test } from '../../../support/house.ts'
import { root } from '../../../support/markdown.ts'
import type { TestDatabase } from '../../../support/database.ts'

/** A project with the platform's schemas, tables and the functions' address. */
async function project(database: TestDatabase): Promise<{ owner: House; webhook: (sql: string) => Promise<void> }> {
  const admin = await database.connect('admin')
  await admin.query(readFileSync(join(root, 'scripts/dev/project/platform.sql'), 'utf8'))
  const owner = house(await database.connect('owner'))
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

const listed = async (owner: House, more = '') =>
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
      notes: [expect.stringContaining('parameters'), expect.stringContaining('X-Secret')],
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

  test('finds nothing where there is nothing', async ({ another }) => {
    expect(await listed(await another('owner'))).toEqual([])
  })
})
