import type pg from 'pg'
import { describe, expect } from 'vitest'
import { addonNames } from '../../scripts/cli/database/addons.ts'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { test } from '../support/harness.ts'
import { refusal } from '../support/refusal.ts'

// The statements of the platform's page on custom schemas, and what its default privileges give after a restore.
const advised = `
  grant usage on schema supaqueue to anon, authenticated, service_role;
  grant all on all tables in schema supaqueue to anon, authenticated, service_role;
  grant all on all routines in schema supaqueue to anon, authenticated, service_role;
  grant all on all sequences in schema supaqueue to anon, authenticated, service_role;
  grant all on all routines in schema public to anon, authenticated, service_role;
  alter default privileges for role postgres in schema supaqueue grant all on tables to anon, authenticated, service_role;
  alter default privileges for role postgres in schema supaqueue grant all on routines to anon, authenticated, service_role;`

const CANARY = 'canary-6f1d'

/** A value that a caller might send for a type of argument. Whatever has a name in here is called mail. */
const values: Record<string, string[]> = {
  text: [`'mail'`, `'pending'`, `'stripe_key'`],
  'text[]': [`'{enqueue,read,control}'::text[]`],
  uuid: [`(select '00000000-0000-4000-8000-000000000001'::uuid)`],
  bigint: ['1'],
  'bigint[]': [`'{1,2}'::bigint[]`],
  integer: ['5'],
  boolean: ['true'],
  interval: [`'1 minute'::interval`],
  jsonb: [
    `'{"queue": "00000000-0000-4000-8000-000000000001", "run": "00000000-0000-4000-8000-000000000009", "room": 5}'::jsonb`,
    `'[1]'::jsonb`,
  ],
  json: [`'{}'::json`],
  'timestamp with time zone': ['now()'],
  'double precision': ['1'],
}

const prepare = async (owner: pg.Client): Promise<void> => {
  await owner.query(`
    select vault.create_secret('${CANARY}', 'stripe_key');
    insert into supaqueue.queue (id, name, edge_function_name, default_headers)
    values ('00000000-0000-4000-8000-000000000001', 'mail', 'hello', '{"authorization": "vault:stripe_key"}');
    insert into supaqueue.worker (queue) select id from supaqueue.queue;
    insert into supaqueue.job (queue, payload, status) select id, '{"secret": "${CANARY}"}', 'held' from supaqueue.queue;
    insert into supaqueue.job (queue, payload, run_at) select id, '{"secret": "${CANARY}"}', now() + interval '1 day' from supaqueue.queue;
    select supaqueue.create_api_key('importer', '{enqueue}'), supaqueue.create_api_key('mail', '{enqueue}');
    create table public.orders (id integer primary key);
    select supaqueue.on_change('public.orders', 'mail', name => 'mail');
    insert into supaqueue.schedule (name, queue, cron) select 'mail', id, '@daily' from supaqueue.queue;
    insert into supaqueue.step (job, name, kind, status, place, key)
      select min(id), 'mail', 'wait', 'waiting', 1, 'mail' from supaqueue.job;
    select supaqueue.pause('mail', reason => '${CANARY}')`)
}

/** Every row of every table, so that a change of any kind is seen. */
const contents = async (owner: pg.Client): Promise<Record<string, string>> => {
  const { rows } = await owner.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relnamespace = 'supaqueue'::regnamespace and relkind = 'r'`,
  )
  const found: Record<string, string> = {}
  for (const { name } of rows) {
    const { rows: [row] } = await owner.query(
      `select coalesce(jsonb_agg(to_jsonb(t) order by t::text), '[]')::text as all from ${name} as t`,
    )
    found[name] = row.all
  }
  return found
}

describe.for(['anon', 'authenticated'] as const)('%s, granted all that the page advises', (role) => {
  test('learns nothing and changes nothing by any function or table', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await prepare(owner)
    await owner.query(advised)
    const before = await contents(owner)
    const stranger = await ownDatabase.connect(role)
    const { rows: functions } = await owner.query<{ name: string; arguments: string[]; required: number }>(`
      select oid::regproc::text as name, pronargs - pronargdefaults as required,
        array(select format_type(t.id, null) from unnest(proargtypes) with ordinality as t (id, n) order by n) as arguments
      from pg_proc
      where pronamespace = 'supaqueue'::regnamespace or (pronamespace = 'public'::regnamespace and proname ~ 'supaqueue|end_current_job')`)

    const told: string[] = []
    let calls = 0
    const changing: string[] = []
    for (const { name, arguments: types, required } of functions) {
      for (const count of new Set([required, types.length])) {
        const given = types.slice(0, count).map((type) => values[type] ?? ['null'])
        for (let pick = 0; pick < 3; pick += 1) {
          const list = given.map((options) => options[pick % options.length])
          calls += 1
          await stranger.query(`begin`)
          const said = await stranger.query(`select to_json(t)::text as said from ${name}(${list.join(', ')}) as t`)
            .then(
              ({ rows }) => rows.map((row) => row.said).join(' '),
              (reason) => `${reason.message} ${reason.detail} ${reason.hint}`,
            )
          await stranger.query('commit')
          if (said.includes(CANARY) || /sqk_/.test(said)) told.push(`${name}: ${said}`)
        }
      }
      // After each: the next may undo it.
      if (JSON.stringify(await contents(owner)) !== JSON.stringify(before)) changing.push(name)
    }
    for (const name of Object.keys(before)) {
      const { rows } = await stranger.query(`select to_json(t)::text as said from ${name} as t`)
      if (rows.length > 0) told.push(name)
      for (const act of [`delete from ${name}`, `insert into ${name} default values`]) {
        await stranger.query(act).catch(() => undefined)
      }
    }

    expect(told).toEqual([])
    expect(changing).toEqual([])
    expect(await contents(owner)).toEqual(before)
    expect(functions.length).toBeGreaterThan(30)
    expect(calls).toBeGreaterThan(100)
  })

  test('can run none of the functions that run as their owner, in the schemas of add-ons', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await applyDatabase(ownDatabase.ownerUrl, undefined, addonNames())
    await owner.query(`select fetchq.queue_create('mail')`)
    await owner.query(`${advised}; ${advised.replaceAll('schema supaqueue', 'schema fetchq')}`)
    const doors = ['enqueue', 'status', 'cancel', 'signal'].map((act) => `supaqueue_${act}`)
    const { rows } = await owner.query<{ name: string; arguments: string[] }>(
      `select oid::regproc::text as name, array(select format_type(type, null) from unnest(proargtypes) as type) as arguments
       from pg_proc where prosecdef and pronamespace = any ('{public, fetchq, supaqueue}'::regnamespace[]) and proname <> all ($1)`,
      [doors],
    )
    const triggers = async () =>
      (await owner.query(`select tgname from pg_trigger where tgrelid = 'supaqueue.job'::regclass order by 1`)).rows
    const before = await triggers()
    const stranger = await ownDatabase.connect(role)

    expect(rows.map(({ name }) => name).sort()).toEqual([
      'fetchq.queue_disable_notify',
      'fetchq.queue_enable_notify',
      'fn_pgqueuer_enqueue',
    ])
    for (const { name, arguments: types } of rows) {
      const given = types.map((type) => `${type === 'text' || /char/.test(type) ? `'mail'` : 'null'}::${type}`)
      expect(await refusal(stranger.query(`select ${name}(${given.join(', ')})`)), name).toMatchObject({
        code: 'SQ403',
        hint: expect.stringMatching(/^Nothing was changed/),
      })
    }
    expect(await triggers()).toEqual(before)
  })

  test('cannot enter the schema of the inner functions', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query(advised)
    const { rows } = await owner.query(`select has_schema_privilege($1, 'supaqueue_internal', 'usage') as may`, [role])

    expect(rows).toEqual([{ may: false }])
  })
})
