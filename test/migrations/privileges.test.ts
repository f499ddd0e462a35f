import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../support/refusal.ts'
import { type Harness, test } from '../support/harness.ts'

const all = ['DELETE', 'INSERT', 'SELECT', 'UPDATE']

/** What service_role may do with each relation. Nobody else but the owner may do anything. */
const documented: Record<string, string[]> = {
  alert: all,
  alert_rule: all,
  api_answer: all,
  api_key: all,
  applied_file: ['SELECT'],
  attempt: all,
  audit: ['SELECT'],
  backfill: ['SELECT'],
  batch: all,
  bulk_action: all,
  chore: all,
  circuit: all,
  counter: all,
  counter_delta: all,
  current_job: all,
  dispatch: all,
  door: all,
  door_use: all,
  failed_jobs: ['SELECT'],
  failures: ['SELECT'],
  heartbeat: all,
  history: all,
  home: all,
  hook: ['SELECT'],
  hook_fault: ['DELETE', 'SELECT'],
  job: all,
  job_dependency: all,
  key_lock: all,
  last_count: all,
  last_sweep: all,
  line_change: all,
  line_head: all,
  migration: ['SELECT'],
  named_lock: all,
  outcome: ['SELECT'],
  place_in_line: all,
  process: all,
  queue: all,
  queue_counters: ['SELECT'],
  queue_overview: ['SELECT'],
  rate_limit: all,
  schedule: all,
  setting: all,
  signal: all,
  step: all,
  subscription: all,
  throttled_key: all,
  trouble: all,
  unsettled: all,
  wake_up: all,
  worker: all,
}

/** Functions for the owner alone. */
const OWNERS =
  `'schedule_sweep', 'rotate_webhook_secret', 'retire_webhook_secret', 'on_change', 'off_change', 'write_hook', 'drop_hook', 'backfill', 'adopt_webhooks', 'keep_rights'`

/** Who but the owner holds which right on the objects of one catalogue. */
const rights = async (
  harness: Harness,
  sql: string,
): Promise<Record<string, unknown>[]> => {
  const { rows } = await harness.db.query(`
    select object.name, granted.grantee::regrole::text as role, granted.privilege_type as right
    from (${sql}) as object (name, owner, acl)
    cross join lateral aclexplode(object.acl) as granted
    where granted.grantee <> object.owner
    order by 1, 2, 3`)
  return rows
}

describe('who holds which right:', () => {
  test('service_role those that are documented on each table, view and sequence, and nobody else any', async ({ harness }) => {
    const held = await rights(
      harness,
      `select relname, relowner, coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner))
       from pg_class where relnamespace = 'supaqueue'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f', 'S')`,
    )

    expect(held).toEqual(
      Object.entries(documented).flatMap(([name, list]) =>
        list.map((right) => ({ name, role: 'service_role', right }))
      ),
    )
  })

  test('service_role may enter both schemas, and nobody else', async ({ harness }) => {
    const held = await rights(
      harness,
      `select nspname, nspowner, nspacl from pg_namespace where nspname ~ '^supaqueue'`,
    )

    expect(held).toEqual(
      ['supaqueue', 'supaqueue_internal'].map((name) => ({
        name,
        role: 'service_role',
        right: 'USAGE',
      })),
    )
  })

  test('no column has rights of its own, and no relation a policy', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select attrelid::regclass from pg_attribute
      join pg_class on pg_class.oid = attrelid
      where relnamespace = 'supaqueue'::regnamespace and attacl is not null
      union all
      select polrelid::regclass from pg_policy
      join pg_class on pg_class.oid = polrelid
      where relnamespace = 'supaqueue'::regnamespace`)

    expect(rows).toEqual([])
  })

  test('service_role may run every function but triggers, the schedule, the exchange of secrets and the making of hooks, and nobody else any', async ({ harness }) => {
    const held = await rights(
      harness,
      `select oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner))
       from pg_proc where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)`,
    )

    const { rows: documented } = await harness.db.query(`
      select oid::regprocedure::text as name, 'service_role' as role, 'EXECUTE' as right
      from pg_proc
      where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)
        and prorettype <> 'trigger'::regtype and proname not in (${OWNERS})
      order by 1, 2, 3`)
    expect(held).toEqual(documented)
    expect(held.length).toBeGreaterThan(0)
  })

  // To name a type opens nothing: PostgreSQL lets everybody, and values of it are in tables that nobody else may read.
  test('types have no rights but those that PostgreSQL gives', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select typname from pg_type where typnamespace = 'supaqueue'::regnamespace and typacl is not null`,
    )

    expect(rows).toEqual([])
  })

  test('everything belongs to postgres', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select relname as name from pg_class
      where relnamespace = 'supaqueue'::regnamespace and relowner <> 'postgres'::regrole
      union all
      select proname from pg_proc
      where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace) and proowner <> 'postgres'::regrole`)

    expect(rows).toEqual([])
  })
})

// Asked of PostgreSQL itself, so that a right counts by whatever way a role came to it.
describe('of everything in the catalogue', () => {
  const effective = async (
    harness: Harness,
    role: string,
  ): Promise<Record<string, string[]>> => {
    const { rows } = await harness.db.query(
      `
      with
      -- Of PostgreSQL 15: later ones have MAINTAIN besides.
      thing (kind, name, oid, possible) as (
        select 'schema', nspname::text, oid, '{USAGE,CREATE}'::text[] from pg_namespace where nspname ~ '^supaqueue'
        union all
        select 'table', relname, oid, '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}' from pg_class
        where relnamespace = 'supaqueue'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')
        union all
        select 'sequence', relname, oid, '{USAGE,SELECT,UPDATE}' from pg_class
        where relnamespace = 'supaqueue'::regnamespace and relkind = 'S'
        union all
        select 'function', oid::regprocedure::text, oid, '{EXECUTE}' from pg_proc
        where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)
        union all
        select 'type', typname, oid, '{USAGE}' from pg_type
        where typnamespace = 'supaqueue'::regnamespace and typelem = 0
      )
      select thing.kind || ' ' || thing.name as name, array_agg(possible.privilege order by possible.privilege) as rights
      from thing
      cross join unnest(thing.possible) as possible (privilege)
      where case thing.kind
        when 'schema' then has_schema_privilege($1, thing.oid, possible.privilege)
        when 'table' then has_table_privilege($1, thing.oid, possible.privilege)
        when 'sequence' then has_sequence_privilege($1, thing.oid, possible.privilege)
        when 'function' then has_function_privilege($1, thing.oid, possible.privilege)
        else has_type_privilege($1, thing.oid, possible.privilege)
      end
      group by thing.kind, thing.name`,
      [role],
    )
    return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]))
  }
  const ofKind = (held: Record<string, string[]>, kind: string) =>
    Object.fromEntries(
      Object.entries(held).filter(([name]) => name.startsWith(`${kind} `)),
    )

  test.for(['anon', 'authenticated', 'a role of the user’s'])(
    '%s may name types, and no more',
    async (name, { another }) => {
      const harness = await another('admin')
      const role = name.startsWith('a role') ? `plain_${randomUUID().replaceAll('-', '')}` : name
      await harness.begin()
      if (role !== name) await harness.db.query(`create role ${role} login`)

      const held = await effective(harness, role)
      await harness.rollback()

      expect(Object.keys(held)).toContain('type job_status')
      expect(held).toEqual(ofKind(held, 'type'))
    },
  )

  test('service_role may enter, has what is documented of the tables, and nothing of the sequences', async ({ harness }) => {
    const held = await effective(harness, 'service_role')

    expect(ofKind(held, 'schema')).toEqual({
      'schema supaqueue': ['USAGE'],
      'schema supaqueue_internal': ['USAGE'],
    })
    expect(ofKind(held, 'table')).toEqual(
      Object.fromEntries(
        Object.entries(documented).map((
          [name, list],
        ) => [`table ${name}`, list]),
      ),
    )
    expect(ofKind(held, 'sequence')).toEqual({})
  })

  test('service_role may run every function but triggers, the schedule, the exchange of secrets and the making of hooks', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select 'function ' || oid::regprocedure as name from pg_proc
      where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)
        and prorettype <> 'trigger'::regtype and proname not in (${OWNERS})`)

    expect(
      Object.keys(ofKind(await effective(harness, 'service_role'), 'function'))
        .toSorted(),
    )
      .toEqual(rows.map(({ name }) => name).toSorted())
  })
})

describe.for(['anon', 'authenticated', 'a role of the user’s'] as const)(
  '%s',
  (name) => {
    const session = async (
      another: (role: 'anon' | 'authenticated' | 'admin') => Promise<Harness>,
    ): Promise<Harness> => {
      if (name === 'anon' || name === 'authenticated') {
        return await another(
          name,
        )
      }
      const plain = await another('admin')
      const role = `plain_${randomUUID().replaceAll('-', '')}`
      await plain.db.query(
        `begin; create role ${role}; set local role ${role}`,
      )
      return plain
    }
    const attempt = async (harness: Harness, sql: string) => {
      await harness.db.query('begin; savepoint attempt')
      const reason = await refusal(harness.db.query(sql))
      await harness.db.query('rollback to savepoint attempt')
      return reason
    }

    test('cannot read or write any table', async ({ another }) => {
      const stranger = await session(another)

      for (const table of Object.keys(documented)) {
        for (
          const statement of [
            `select from supaqueue.${table}`,
            `insert into supaqueue.${table} default values`,
            `delete from supaqueue.${table}`,
            `truncate supaqueue.${table} cascade`,
          ]
        ) {
          expect(await attempt(stranger, statement), statement).toMatchObject({
            code: '42501',
          })
        }
      }
    })

    test('cannot insert the job that everybody knows how to insert', async ({ harness, another }) => {
      const queue = await harness.queue({ workers: 1 })
      const stranger = await session(another)

      expect(
        await attempt(
          stranger,
          `insert into supaqueue.job (queue, payload) values ('${queue}', '{"arg1":"val"}')`,
        ),
      ).toMatchObject({ code: '42501' })
    })

    test.for([
      `select public.supaqueue_turn('{}')`,
      `select public.end_current_job('${randomUUID()}', true, true)`,
      `select supaqueue.process_jobs()`,
      `select supaqueue.sweep()`,
      `select supaqueue_internal.wake('${randomUUID()}')`,
      `select supaqueue_internal.schedule_sweep()`,
    ])('cannot run %s', async (statement, { another }) => {
      expect(await attempt(await session(another), statement)).toMatchObject({
        code: '42501',
      })
    })
  },
)

test('with the schema opened by mistake, row level security still hides every row of every table', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`
    insert into supaqueue.queue (edge_function_name) values ('hello');
    insert into supaqueue.worker (queue) select id from supaqueue.queue;
    insert into supaqueue.job (queue) select id from supaqueue.queue, generate_series(1, 2);
    insert into supaqueue.attempt (job, attempt, outcome, ended_at) select id, 1, 'failed', now() from supaqueue.job;
    insert into supaqueue.batch (queue) select id from supaqueue.queue;
    insert into supaqueue.last_sweep values (true, now(), 0, 0, 0);
    insert into supaqueue.rate_limit (name, max_rps) values ('shared', 1);
    insert into supaqueue.schedule (name, queue, cron) select 'daily', id, '@daily' from supaqueue.queue;
    insert into supaqueue.job_dependency (source, target) select min(id), max(id) from supaqueue.job;
    insert into supaqueue.counter_delta (queue, enqueued) select id, 2 from supaqueue.queue;
    insert into supaqueue.counter (queue) select id from supaqueue.queue;
    insert into supaqueue.alert_rule (name, kind, threshold, notify) select 'late', 'backlog_older_than', 5, id from supaqueue.queue;
    insert into supaqueue.alert (rule, subject, text) select id, 'mail', 'late' from supaqueue.alert_rule;
    insert into supaqueue.history (queue, span, at) select id, 'minute', now() from supaqueue.queue;
    insert into supaqueue.bulk_action (act, jobs) values ('retry', '{1}');
    insert into supaqueue.door (queue, role) select id, 'authenticated' from supaqueue.queue;
    insert into supaqueue.door_use (queue, role, who, free_at) select queue, role, gen_random_uuid(), now() from supaqueue.door;
    insert into supaqueue.trouble (kind, subject, code, reason) values ('wake', 'a queue', '22008', 'out of range');
    insert into supaqueue.api_answer (caller, key, request_hash, answer) values ('', 'once', '', '{}');
    insert into supaqueue.named_lock values ('doors', '');
    insert into supaqueue.step (job, name, status, place) select id, 'charge', 'done', 1 from supaqueue.job;
    insert into supaqueue.signal (key, name) values ('order-1', 'paid');
    insert into supaqueue.subscription (pattern, queue) select 'order.*', id from supaqueue.queue;
    insert into supaqueue.throttled_key (queue, key, free_at) select id, 'site:3', now() from supaqueue.queue;
    insert into supaqueue.place_in_line (queue, line, job) select queue, '=a', id from supaqueue.job;
    insert into supaqueue.line_change (queue, line, moves_on) select id, '=a', false from supaqueue.queue;
    insert into supaqueue.line_head (queue, line, job, priority, run_at, is_due) select id, '=a', 1, 0, now(), true from supaqueue.queue;
    insert into supaqueue.circuit (target) values ('function hello');
    insert into supaqueue.process (id, lease_until) values (gen_random_uuid(), now());
    insert into supaqueue.home (project) values ('https://aaaa.supabase.co');
    insert into supaqueue.hook (name, queue, schema_name, table_name, events)
      select 'photos', id, 'public', 'photos', '{insert}' from supaqueue.queue;
    insert into supaqueue.hook_fault (hook, code, reason) select id, '42703', 'no such column' from supaqueue.hook;
    insert into supaqueue.backfill (hook, per_second) select id, 100 from supaqueue.hook;
    select supaqueue.create_api_key('importer', '{enqueue}');
    grant usage on schema supaqueue to anon;
    grant select on all tables in schema supaqueue to anon`)
  // By itself, since whatever rings a queue reads these notes.
  await owner.query('insert into supaqueue.unsettled (job) values (1)')
  const anon = await ownDatabase.connect('anon')

  // Views show their reader what that may read of the tables.
  const { rows } = await owner.query(
    `select relname as name from pg_class where relkind = 'v'`,
  )
  const views = rows.map(({ name }) => name)
  for (
    const table of Object.keys(documented).filter((name) => !views.includes(name))
  ) {
    expect(
      (await owner.query(`select from supaqueue.${table}`)).rowCount,
      table,
    ).toBeGreaterThan(0)
    expect((await anon.query(`select from supaqueue.${table}`)).rowCount, table)
      .toBe(0)
  }
})
