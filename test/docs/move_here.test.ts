import { run as runWorker } from 'graphile-worker'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import PgBoss from 'pg-boss'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root } from '../support/markdown.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

// The scripts of docs/move-here, against the real pg-boss and graphile-worker, and tables of pgmq's shape; as the owner of both.

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

describe('pg-boss', () => {
  let boss: PgBoss
  beforeEach(async () => {
    boss = new PgBoss({ connectionString: database.ownerUrl, supervise: false, schedule: false })
    await boss.start()
    await boss.createQueue('send mail', { name: 'send mail', retryLimit: 4, retryDelay: 7, expireInSeconds: 90 })
    await boss.createQueue('other')
  })
  afterEach(() => boss.stop({ graceful: false }))

  test('what waits moves, with what it has used; what is at work or has ended stays', async () => {
    await boss.send('send mail', { n: 1 }, { priority: 5 })
    await boss.send('send mail', { n: 2 }, { startAfter: 3600, singletonKey: 'two' })
    await boss.send('send mail', { n: 4 })
    const [retried] = await boss.fetch('send mail')
    await boss.fail('send mail', retried!.id)
    await boss.send('other', { n: 5 })
    const [atWork] = await boss.fetch('other')
    await boss.send('other', null as never)

    await move('pg-boss.sql')

    const common = { max_attempts: 5, serial: null, fn: 'send-mail', name: 'send mail', key: null }
    expect(await jobs()).toEqual([
      { ...common, payload: { n: 1 }, priority: 5, attempts: 1, later: false },
      { ...common, payload: { n: 2 }, priority: 0, attempts: 0, later: true, key: 'two' },
      { ...common, payload: { n: 4 }, priority: 0, attempts: 0, later: false },
      { ...common, payload: {}, priority: 0, attempts: 0, later: false, name: 'other', fn: 'other', max_attempts: 3 },
    ])
    expect(await rows(`select max_attempts, timeout_ms, retry_base_ms from supaqueue.queue where name = 'send mail'`))
      .toEqual([{ max_attempts: 5, timeout_ms: 90_000, retry_base_ms: 7000 }])
    expect(
      await rows(
        'select queue.name, count(worker.id)::int as workers from supaqueue.queue left join supaqueue.worker on worker.queue = queue.id group by 1 order by 1',
      ),
    )
      .toEqual([{ name: 'other', workers: 1 }, { name: 'send mail', workers: 1 }])
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
