import type pg from 'pg'
import { describe, expect } from 'vitest'
import { allow } from '../support/door.ts'
import { harness as harnessOf, test } from '../support/harness.ts'
import type { TestDatabase } from '../support/database.ts'
import { nobody } from './nobody.ts'

// Who may log in and was granted nothing. What he does with pg_net, with locks and with names: net_table, locks,
// copied_wake_up, shadowed_names.

const CANARY = 'canary-91ce'

async function scene(database: TestDatabase) {
  const owner = harnessOf(await database.connect('owner'))
  await owner.db.query(`select vault.create_secret('${CANARY}', 'stripe_key')`)
  const queue = await owner.queue({ workers: 1, default_headers: { authorization: 'vault:stripe_key' } })
  await owner.job(queue, { payload: { secret: CANARY }, status: 'held' })
  await allow(owner, queue, {}, 'anon')
  const stranger = await nobody(database)
  return { owner, queue, stranger }
}

const codeOf = (session: pg.Client, sql: string): Promise<string> =>
  session.query(sql).then(() => 'done', (reason) => reason.code)

/** Every table, view and sequence of ours, and of those whose secrets we use. */
const relations = async (owner: pg.Client): Promise<{ name: string; kind: string }[]> =>
  (await owner.query(`
    select oid::regclass::text as name, relkind as kind from pg_class
    where relnamespace::regnamespace::text in ('supaqueue', 'vault') and relkind in ('r', 'v', 'S')`)).rows

describe('who may only log in', () => {
  test('reads and writes no table, view or sequence', async ({ ownDatabase }) => {
    const { owner, stranger } = await scene(ownDatabase)
    const acts: [what: string, kinds: string, sql: (name: string) => string][] = [
      ['read', 'rvS', (name) => `select * from ${name}`],
      ['read without columns', 'rvS', (name) => `select from ${name} limit 0`],
      ['insert', 'rv', (name) => `insert into ${name} default values`],
      ['delete', 'rv', (name) => `delete from ${name}`],
      ['truncate', 'r', (name) => `truncate ${name} cascade`],
      ['lock', 'r', (name) => `do $$ begin lock table ${name} in access share mode; end $$`],
      ['copy', 'rv', (name) => `copy ${name} to stdout`],
      ['refer to', 'r', (name) => `create temp table mine (like ${name} including all)`],
      [
        'put a trigger on',
        'r',
        (name) =>
          `create trigger mine before insert on ${name} for each row execute function suppress_redundant_updates_trigger()`,
      ],
      ['put a rule on', 'rv', (name) => `create rule mine as on insert to ${name} do instead nothing`],
      ['put a policy on', 'r', (name) => `create policy mine on ${name} using (true)`],
      ['index', 'r', (name) => `create index on ${name} ((1))`],
      ['analyze', 'r', (name) => `alter table ${name} alter column ctid set statistics 0`],
      ['alter', 'rv', (name) => `alter table ${name} add column mine integer`],
      ['drop', 'r', (name) => `drop table ${name} cascade`],
      ['take over', 'rv', (name) => `alter table ${name} owner to current_user`],
      ['grant himself', 'rvS', (name) => `grant all on ${name} to current_user`],
      ['comment on', 'r', (name) => `comment on table ${name} is 'mine'`],
      ['count up', 'S', (name) => `select nextval('${name}')`],
      ['learn the last number of', 'S', (name) => `select last_value from ${name}`],
    ]
    const found = await relations(owner.db)

    const succeeded: string[] = []
    for (const { name, kind } of found) {
      for (const [what, kinds, sql] of acts) {
        if (!kinds.includes(kind)) continue
        const code = await codeOf(stranger, sql(name))
        if (code !== '42501') succeeded.push(`${what} ${name}: ${code}`)
      }
    }

    expect(succeeded).toEqual([])
    expect(found.length).toBeGreaterThan(25)
  })

  test('calls no function, whatever he gives it', async ({ ownDatabase }) => {
    const { owner, stranger } = await scene(ownDatabase)
    const { rows } = await owner.db.query<{ name: string; nulls: string }>(`
      select oid::regproc::text as name,
        (select string_agg(format('null::%s', format_type(type, null)), ', ' order by place)
         from unnest(proargtypes) with ordinality as argument (type, place)) as nulls
      from pg_proc
      where (pronamespace::regnamespace::text in ('supaqueue', 'supaqueue_internal')
          or pronamespace = 'public'::regnamespace and proname ~ 'supaqueue|end_current_job|pgqueuer')
        and prokind = 'f' and prorettype <> 'trigger'::regtype`)

    const called: string[] = []
    for (const { name, nulls } of rows) {
      const code = await codeOf(stranger, `select ${name}(${nulls ?? ''})`)
      if (code !== '42501') called.push(`${name}: ${code}`)
    }

    expect(called).toEqual([])
    expect(rows.length).toBeGreaterThan(150)
  })

  test.for<[what: string, sql: string, code: string]>([
    ['become another', 'set role postgres', '42501'],
    ['become the service', 'set role service_role', '42501'],
    ['become an end user', 'set role anon', '42501'],
    ['make another his member', 'grant service_role to current_user', '42501'],
    ['be a superuser', 'alter role current_user superuser', '42501'],
    ['pass row level security', 'alter role current_user bypassrls', '42501'],
    ['make something in our schemas', 'create table supaqueue.mine ()', '42501'],
    [
      'make a function among the inner ones',
      `create function supaqueue_internal.wake(text) returns void language sql as ''`,
      '42501',
    ],
    [
      'overload a function of ours',
      `create function public.supaqueue_turn(json) returns void language sql as ''`,
      '42501',
    ],
    ['drop our schema', 'drop schema supaqueue cascade', '42501'],
    ['change a setting of all', `alter database postgres set "supaqueue.internal_write" = '1'`, '42501'],
    [
      'run something at every login',
      `create event trigger mine on ddl_command_end execute function pg_temp.mine()`,
      '42',
    ],
    ['have cron run something', `select cron.schedule('mine', '* * * * *', 'select 1')`, '42501'],
    ['hear what is written', `create publication mine for all tables`, '42501'],
    ['read what is written', `select pg_create_logical_replication_slot('mine', 'pgoutput')`, '42501'],
    ['read files', `copy pg_temp.mine from '/etc/passwd'`, '42'],
    ['run programs', `copy (select 1) to program 'true'`, '42501'],
    ['switch triggers off', `set session_replication_role = replica`, '42501'],
    ['import', `select lo_import('/etc/passwd')`, '42501'],
  ])('cannot %s', async ([, sql, code], { ownDatabase }) => {
    const { stranger } = await scene(ownDatabase)

    expect(await codeOf(stranger, sql)).toMatch(new RegExp(`^${code}`))
  })

  test('ends no session but his own', async ({ ownDatabase }) => {
    const { owner, stranger } = await scene(ownDatabase)
    const { rows: [{ pid }] } = await owner.db.query('select pg_backend_pid() as pid')

    for (const how of ['pg_cancel_backend', 'pg_terminate_backend']) {
      expect(await codeOf(stranger, `select ${how}(${pid})`)).toBe('42501')
    }
  })

  test('is no end user by what he says of himself', async ({ ownDatabase }) => {
    const { stranger, queue } = await scene(ownDatabase)
    await stranger.query(`select set_config('request.jwt.claims', '{"role": "service_role"}', false),
      set_config('request.method', 'POST', false), set_config('supaqueue.internal_write', '1', false)`)

    expect(await codeOf(stranger, `select public.supaqueue_enqueue('${queue}')`)).toBe('42501')
  })

  test('sees no secret and no payload in what all may see', async ({ ownDatabase }) => {
    const { owner, stranger, queue } = await scene(ownDatabase)
    await owner.job(queue, { payload: { secret: CANARY } })
    const { rows: [{ secret }] } = await owner.db.query(
      `select decrypted_secret as secret from vault.decrypted_secrets where name = 'supaqueue_secret'`,
    )

    const seen: string[] = []
    for (
      const view of [
        'pg_stat_activity',
        'pg_locks',
        'pg_stats',
        'pg_stats_ext',
        'pg_prepared_statements',
        'pg_cursors',
        'pg_proc',
        'pg_description',
        'pg_settings',
        'pg_class',
        'pg_statistic_ext',
        'pg_stat_all_tables',
        'net.http_request_queue',
        'net._http_response',
      ]
    ) {
      const { rows } = await stranger.query(`select to_json(t)::text as row from ${view} as t`)
      for (const { row } of rows) if (row.includes(CANARY) || row.includes(secret)) seen.push(`${view}: ${row}`)
    }

    expect(seen).toEqual([])
  })
})
