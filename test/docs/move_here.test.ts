import { run as runWorker } from 'graphile-worker'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import PgBoss10 from 'pg-boss-10'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { readOwn } from '../../scripts/cli/place.ts'
import { run } from '../../scripts/dev/postgres/databases.ts'
import { root } from '../support/markdown.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

// The scripts of docs/move-here, against the real pg-boss and graphile-worker, and tables of the shape of pgmq's, fetchq's and
// PGQueuer's; as the owner of both.

let database: TestDatabase
let db: pg.Client
beforeEach(async () => {
  database = await testDatabase()
  db = await database.connect('owner')
})
afterEach(() => database?.drop())

const rows = async (sql: string) => (await db.query(sql)).rows
const move = (script: string) => db.query(readFileSync(join(root, 'docs/move-here', script), 'utf8'))
/** Jobs as they came: their queues have a worker, which begins the first one at once. */
const jobs = () =>
  rows(`
    select queue.name, queue.edge_function_name as fn, payload, priority, job.max_attempts, dedupe_key as key,
      attempts - case status when 'in_progress' then 1 when 'pending' then 0 end as attempts,
      concurrency_key as serial, run_at > now() + interval '30 minutes' as later
    from supaqueue.job join supaqueue.queue on queue.id = job.queue
    order by job.id`)

describe.each([['10', PgBoss10 as unknown as typeof PgBoss], ['12', PgBoss]])('pg-boss %s', (_, Boss) => {
  let boss: PgBoss
  beforeEach(async () => {
    boss = new Boss({ connectionString: database.ownerUrl, supervise: false, schedule: false })
    // It stops without waiting for its connections, which end with the database.
    boss.on('error', () => {})
    await boss.start()
    await boss.createQueue(
      'send.mail',
      { name: 'send.mail', retryLimit: 4, retryDelay: 7, expireInSeconds: 90 } as object,
    )
    await boss.createQueue('other')
  })
  afterEach(() => boss.stop({ graceful: false }))

  test('what waits moves, with what it has used; what is at work or has ended stays', async () => {
    await boss.send('send.mail', { n: 1 }, { priority: 5 })
    await boss.send('send.mail', { n: 2 }, { startAfter: 3600, singletonKey: 'two' })
    await boss.send('send.mail', { n: 4 })
    const [retried] = await boss.fetch('send.mail')
    await boss.fail('send.mail', retried!.id)
    await boss.send('other', { n: 5 })
    const [atWork] = await boss.fetch('other')
    await boss.send('other', null as never)

    await move('pg-boss.sql')

    const common = { max_attempts: 5, serial: null, fn: 'send-mail', name: 'send.mail', key: null }
    expect(await jobs()).toEqual([
      { ...common, payload: { n: 1 }, priority: 5, attempts: 1, later: false },
      { ...common, payload: { n: 2 }, priority: 0, attempts: 0, later: true, key: 'two' },
      { ...common, payload: { n: 4 }, priority: 0, attempts: 0, later: false },
      { ...common, payload: {}, priority: 0, attempts: 0, later: false, name: 'other', fn: 'other', max_attempts: 3 },
    ])
    expect(await rows(`select max_attempts, timeout_ms, retry_base_ms from supaqueue.queue where name = 'send.mail'`))
      .toEqual([{ max_attempts: 5, timeout_ms: 90_000, retry_base_ms: 7000 }])
    expect(
      await rows(
        'select queue.name, count(worker.id)::int as workers from supaqueue.queue left join supaqueue.worker on worker.queue = queue.id group by 1 order by 1',
      ),
    )
      .toEqual([{ name: 'other', workers: 1 }, { name: 'send.mail', workers: 1 }])
    expect(await rows('select id, state from pgboss.job')).toEqual([{ id: atWork!.id, state: 'active' }])
    // It goes on, and a later run takes what has come since, and nothing twice.
    await boss.complete('other', atWork!.id)
    await boss.send('other', { n: 6 })
    await move('pg-boss.sql')
    expect((await jobs()).map(({ payload }) => payload.n)).toEqual([1, 2, 4, undefined, 6])
  })
})

describe('graphile-worker', () => {
  test('what waits moves, with what it has used; what is at work or was given up stays', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => release = resolve)
    const runner = await runWorker({
      connectionString: database.ownerUrl,
      noHandleSignals: true,
      pollInterval: 100,
      concurrency: 2,
      crontab: '',
      taskList: {
        hold: () => held,
        fail: () => {
          throw new Error('no')
        },
      },
      logger: new (await import('graphile-worker')).Logger(() => () => {}),
    })
    try {
      await runner.addJob('hold', {})
      await runner.addJob('fail', { n: 1 }, { maxAttempts: 3 })
      await runner.addJob('fail', { n: 2 }, { maxAttempts: 1 })
      await until(async () =>
        (await rows(
            `select from graphile_worker.jobs where attempts = 1 and locked_at is null and task_identifier = 'fail'`,
          ))
            .length === 2 && (await rows('select from graphile_worker.jobs where locked_at is not null')).length === 1
      )
      await db.query(`
        select graphile_worker.add_job('send.mail', '{"n": 3}', priority := 7, run_at := now() + interval '1 hour', job_key := 'three');
        select graphile_worker.add_job('send.mail', '{"n": 4}', queue_name := 'one by one', max_attempts := 9);`)

      await move('graphile-worker.sql')

      const common = {
        fn: 'send-mail',
        name: 'send.mail',
        attempts: 0,
        later: false,
        key: null,
        serial: null,
      }
      expect(await jobs()).toEqual([
        { ...common, payload: { n: 4 }, priority: 0, max_attempts: 9, serial: 'one by one' },
        { ...common, payload: { n: 1 }, name: 'fail', fn: 'fail', priority: 0, attempts: 1, max_attempts: 3 },
        { ...common, payload: { n: 3 }, priority: -7, max_attempts: 25, key: 'three', later: true },
      ])
      expect(
        (await rows('select task_identifier as task from graphile_worker.jobs order by 1')).map(({ task }) => task),
      )
        .toEqual(['fail', 'hold'])
      await move('graphile-worker.sql')
      expect(await jobs()).toHaveLength(3)
    } finally {
      release()
      await runner.stop()
    }
  })
})

describe('pgmq', () => {
  beforeEach(() =>
    db.query(`
      create schema pgmq;
      create table pgmq.meta (
        queue_name varchar unique not null, is_partitioned boolean not null, is_unlogged boolean not null,
        created_at timestamptz default now() not null
      );
      insert into pgmq.meta values ('Mails', false, false), ('idle', false, true);
      create table pgmq.q_mails (
        msg_id bigint primary key generated always as identity, read_ct int default 0 not null,
        enqueued_at timestamptz default now() not null, vt timestamptz not null, message jsonb, headers jsonb
      );
      create table pgmq.q_idle (like pgmq.q_mails including all);
      insert into pgmq.q_mails (vt, read_ct, message) values
        (now(), 0, '{"n": 1}'), (now() + interval '1 hour', 0, '{"n": 2}'), (now() + interval '1 minute', 1, '{"n": 3}'),
        (now() - interval '1 minute', 4, '{"n": 4}');`)
  )

  test('what waits moves; what somebody has read and may be at work on stays until it is visible again', async () => {
    await move('pgmq.sql')

    const common = {
      name: 'Mails',
      fn: 'Mails',
      attempts: 0,
      max_attempts: null,
      priority: 0,
      key: null,
      serial: null,
    }
    expect(await jobs()).toEqual([
      { ...common, payload: { n: 1 }, later: false },
      { ...common, payload: { n: 2 }, later: true },
      { ...common, payload: { n: 4 }, later: false },
    ])
    expect(await rows('select name from supaqueue.queue order by 1')).toEqual([{ name: 'Mails' }, { name: 'idle' }])

    await db.query('update pgmq.q_mails set vt = now()')
    await move('pgmq.sql')
    expect((await jobs()).map(({ payload }) => payload.n)).toEqual([1, 2, 4, 3])
    expect(await rows('select from pgmq.q_mails')).toEqual([])
  })
})

describe('fetchq', () => {
  beforeEach(() =>
    db.query(`
      create schema fetchq;
      create schema fetchq_data;
      create table fetchq.queues (
        id serial primary key, created_at timestamptz, name varchar(40) not null, is_active boolean default true,
        current_version integer default 0, max_attempts integer default 5, logs_retention varchar(25) default '24h',
        metrics_retention jsonb default '[]', config jsonb default '{}'
      );
      insert into fetchq.queues (name, max_attempts) values ('Mails', 7), ('idle', 5);
      create table fetchq_data."Mails__docs" (
        subject varchar(50) not null primary key, version integer default 0, priority integer default 0,
        status integer default 0, attempts integer default 0, iterations bigint default 0, next_iteration timestamptz,
        lock_upgrade timestamptz, created_at timestamptz, last_iteration timestamptz, payload jsonb
      );
      create table fetchq_data.idle__docs (like fetchq_data."Mails__docs" including all);
      insert into fetchq_data."Mails__docs"
        (subject, version, priority, status, attempts, next_iteration, lock_upgrade, created_at, payload)
      values
        ('pending', 2, 5, 1, 3, now(), null, '2026-01-01', '{"n": 1}'),
        ('planned', 0, 0, 0, 0, now() + interval '1 hour', null, '2026-01-02', '{"n": 2}'),
        ('picked', 0, 0, 2, 1, now(), now() + interval '5 minutes', '2026-01-03', '{"n": 3}'),
        ('completed', 0, 0, 3, 1, now(), null, '2026-01-04', '{"n": 4}'),
        ('killed', 0, 0, -1, 5, now(), null, '2026-01-05', '{"n": 5}');`)
  )

  test('what waits moves, with its subject and attempts; what is picked or has ended stays; then the add-on takes over', async () => {
    await move('fetchq.sql')

    const common = { fn: 'fetchq', name: 'Mails', max_attempts: null, serial: null }
    expect(await jobs()).toEqual([
      { ...common, payload: { n: 1 }, priority: 5, attempts: 3, key: 'pending', later: false },
      { ...common, payload: { n: 2 }, priority: 0, attempts: 0, key: 'planned', later: true },
    ])
    expect(await rows('select subject from fetchq_data."Mails__docs" order by created_at')).toEqual(
      ['picked', 'completed', 'killed'].map((subject) => ({ subject })),
    )
    expect(await rows('select name, mode, max_attempts, dedupe_until from supaqueue.queue order by name')).toEqual([
      { name: 'Mails', mode: 'pull', max_attempts: 7, dedupe_until: 'pruned' },
      { name: 'idle', mode: 'pull', max_attempts: 5, dedupe_until: 'pruned' },
    ])

    await db.query(`update fetchq_data."Mails__docs" set status = 1, lock_upgrade = null where subject = 'picked'`)
    await move('fetchq.sql')
    expect((await jobs()).map(({ payload }) => payload.n)).toEqual([1, 2, 3])

    await db.query('drop schema fetchq cascade')
    await applyDatabase(database.ownerUrl, undefined, ['fetchq'])
    expect(await rows(`select subject, payload, attempts from fetchq.doc_pick('Mails', 2, 1, '5m')`)).toEqual([
      { subject: 'pending', payload: { n: 1 }, attempts: 4 },
    ])
  })
})

describe('PGQueuer', () => {
  beforeEach(() =>
    db.query(`
      create type public.pgqueuer_status as enum
        ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');
      create table public.pgqueuer (
        id bigserial primary key, priority int not null, queue_manager_id uuid, created timestamptz default now() not null,
        updated timestamptz default now() not null, heartbeat timestamptz default now() not null,
        execute_after timestamptz default now() not null, status public.pgqueuer_status not null, entrypoint text not null,
        dedupe_key text, payload bytea, headers jsonb, attempts int not null default 0
      );
      insert into public.pgqueuer (priority, execute_after, status, entrypoint, dedupe_key, payload) values
        (5, now(), 'queued', 'send.mail', 'one', '{"n": 1}'), (0, now() + interval '1 hour', 'queued', 'send.mail', null, null),
        (0, now(), 'picked', 'send.mail', null, '{"n": 3}'), (0, now(), 'queued', 'fetch', null, '\\xff00fe'),
        (0, now(), 'failed', 'fetch', null, '{"n": 5}');`)
  )

  test('what is queued moves; what is picked or has ended stays; bytes stay bytes', async () => {
    await move('pgqueuer.sql')

    const common = { attempts: 0, max_attempts: null, serial: null }
    const mail = { ...common, name: 'send.mail', fn: 'send-mail' }
    expect(await jobs()).toEqual([
      { ...mail, payload: { n: 1 }, priority: 5, key: 'one', later: false },
      { ...mail, payload: {}, priority: 0, key: null, later: true },
      { ...common, name: 'fetch', fn: 'fetch', payload: { $base64: '/wD+' }, priority: 0, key: null, later: false },
    ])
    expect(await rows('select status from public.pgqueuer order by id')).toEqual([
      { status: 'picked' },
      { status: 'failed' },
    ])

    await db.query(`update public.pgqueuer set status = 'queued' where status = 'picked'`)
    await move('pgqueuer.sql')
    expect((await jobs()).map(({ payload }) => payload.n)).toEqual([1, undefined, undefined, 3])
  })
})

describe('Database Webhooks', () => {
  beforeEach(async () => {
    await run(database.adminUrl, readOwn('scripts/dev/project/platform.sql'))
    await db.query(`
      create table public.photos (id bigint generated always as identity primary key, path text);
      create trigger "resize photo" after insert or update on public.photos for each row
        execute function supabase_functions.http_request('http://kong:8000/functions/v1/resize', 'POST', '{"Content-Type":"application/json","Authorization":"Bearer key"}', '{}', '5000');
      create trigger told after delete on public.photos for each row
        execute function supabase_functions.http_request('https://example.com/hooks', 'POST', '{"Content-Type":"application/json","x-team":"back\\\\slash"}', '{}', '5000');
      create trigger pinged after insert on public.photos for each row
        execute function supabase_functions.http_request('https://example.com/ping', 'GET', '{}', '{}', '1000');`)
  })

  test('become hooks with a queue each; a GET stays; the webhooks are switched off and can be switched on', async () => {
    await move('database-webhooks.sql')

    expect(
      await rows(
        'select name, edge_function_name as fn, url, timeout_ms, default_headers from supaqueue.queue order by name',
      ),
    )
      .toEqual([
        { name: 'resize', fn: 'resize', url: null, timeout_ms: 60_000, default_headers: {} },
        {
          name: 'told',
          fn: null,
          url: 'https://example.com/hooks',
          timeout_ms: 5000,
          default_headers: { 'x-team': 'vault:told_x_team' },
        },
      ])
    expect(
      await rows(
        `select tgname as name, tgenabled as on from pg_trigger where tgfoid = 'supabase_functions.http_request'::regproc order by 1`,
      ),
    )
      .toEqual([{ name: 'pinged', on: 'O' }, { name: 'resize photo', on: 'D' }, { name: 'told', on: 'D' }])

    await db.query(`insert into public.photos (path) values ('cat.png')`)
    await db.query('delete from public.photos')
    expect(
      await rows(
        `select queue.name, payload ->> 'type' as type, payload -> 'record' ->> 'path' as path from supaqueue.job join supaqueue.queue on queue.id = job.queue order by job.id`,
      ),
    )
      .toEqual([{ name: 'resize', type: 'INSERT', path: 'cat.png' }, { name: 'told', type: 'DELETE', path: null }])

    // Nothing is left to take, and nothing comes twice.
    await move('database-webhooks.sql')
    expect(await rows('select name from supaqueue.hook order by 1')).toEqual([{ name: 'resize photo' }, {
      name: 'told',
    }])

    await db.query(`select supaqueue.off_change('told'); alter table public.photos enable trigger told`)
    expect(await rows('select name from supaqueue.hook')).toEqual([{ name: 'resize photo' }])
  })
})
