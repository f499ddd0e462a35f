import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { disorder } from './support/order.ts'
import { type House, house as houseOf, test } from './support/house.ts'

// Further inputs of the kinds of cases.test.ts: for each what people do, and what must hold afterwards.

/** A queue that works: a job comes, fails once, waits, has its success. */
async function works(house: House, name = `works-${randomUUID()}`): Promise<void> {
  const queue = await house.queue({ name, workers: 2, retry_base_ms: 0 })
  await house.jobs(queue, 3)
  await runs(house, queue)
}

/** Every job of a queue ends, within a few turns and sweeps. */
async function runs(house: House, queue: string): Promise<void> {
  const run = randomUUID()
  for (let turn = 0; turn < 6; turn++) {
    const jobs = await house.take(run, queue)
    await house.report(run, queue, jobs.map(({ current_job }) => current_job.id), turn === 0 ? 'failed' : 'success')
    await house.sweep()
  }
  const { rows } = await house.db.query(
    `select id, status, supaqueue.explain(id) ->> 'text' as why from supaqueue.job where queue = $1 and status <> 'success'`,
    [queue],
  )
  expect(rows).toEqual([])
}

/** No chore fails, and every chore there ever was is still done. */
async function sweeps(house: House, chores: string[]): Promise<void> {
  const { rows } = await house.db.query(
    'select name, failures, error, last_ok_at is not null as done from supaqueue.chore order by name',
  )
  expect(rows).toEqual(chores.map((name) => ({ name, failures: 0, error: null, done: true })))
}

const choresOf = async (house: House): Promise<string[]> =>
  (await house.db.query('select name from supaqueue.chore order by name')).rows.map(({ name }) => name)

/** All of ours that a user can empty. */
const tables = `attempt batch bulk_action circuit counter counter_delta current_job dispatch door heartbeat history home
  hook job job_dependency key_lock last_count last_sweep line_change line_head named_lock place_in_line queue rate_limit
  schedule setting signal step subscription throttled_key trouble unsettled wake_up worker`.split(/\s+/)

describe('like case 02: a table is emptied while jobs run', () => {
  test.for(tables)(
    'truncate supaqueue.%s cascade: what is left goes on, and what comes runs',
    async (table, { ownDatabase }) => {
      const house = houseOf(await ownDatabase.connect())
      const admin = houseOf(await ownDatabase.connect('admin'))
      const chores = await choresOf(house)
      const ordered = await house.queue({ name: 'ordered', workers: 2, ordered: 'key', retry_base_ms: 0 })
      const queue = await house.queue({
        name: 'plain',
        workers: 2,
        retry_base_ms: 0,
        per_key: 1,
        keep_success_attempts: true,
      })
      await house.db.query(`select supaqueue.set_max_rps('plain', 1000, 1000)`)
      for (const one of [queue, ordered]) {
        const jobs = await house.jobs(one, 4)
        await house.db.query('select supaqueue.depend($1, $2)', [await house.job(one, { status: 'held' }), jobs])
        await house.take(randomUUID(), one)
      }
      await house.sweep()

      await admin.db.query(`truncate supaqueue.${table} cascade`)
      await house.sweep()
      await admin.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
      await house.sweep()
      await admin.db.query('update supaqueue.trouble set next_try_at = now()')
      await house.sweep()

      expect(await disorder(admin.db)).toEqual([])
      for (
        const { id } of (await house.db.query(
          'select id from supaqueue.queue where exists (select from supaqueue.worker where worker.queue = queue.id)',
        )).rows
      ) await runs(house, id)
      await works(house)
      await sweeps(house, chores)
    },
  )
})

test('like case 02: the chores are emptied: nothing heals that, and health says what does', async ({ ownDatabase }) => {
  const house = houseOf(await ownDatabase.connect())
  await (await ownDatabase.connect('admin')).query('truncate supaqueue.chore')
  await house.sweep()

  const { rows: [{ found }] } = await house.db.query(`select supaqueue.health() -> 'findings' as found`)
  expect(found).toContainEqual(
    expect.objectContaining({ code: 'chores_missing', severity: 'error', remedy: 'npx supaqueue upgrade' }),
  )
})

/** What a data-only dump, or a seed with triggers off, leaves out or brings in. */
const seeds: Record<string, string> = {
  'a queue and its worker, with the jobs of later': `
    insert into supaqueue.queue (id, name, edge_function_name) values ('22222222-2222-4222-8222-22222222aaaa', 'seeded', 'hello');
    insert into supaqueue.worker (queue) values ('22222222-2222-4222-8222-22222222aaaa')`,
  'jobs alone, of a queue that is there': `
    insert into supaqueue.job (queue) select id from supaqueue.queue cross join generate_series(1, 3)`,
  'a queue with an ordered line': `
    insert into supaqueue.queue (id, name, edge_function_name, ordered, per_key) values ('22222222-2222-4222-8222-22222222aaaa', 'seeded', 'hello', 'key', 1);
    insert into supaqueue.worker (queue) values ('22222222-2222-4222-8222-22222222aaaa');
    insert into supaqueue.job (queue, concurrency_key) select '22222222-2222-4222-8222-22222222aaaa', 'a' from generate_series(1, 3)`,
  'a queue with a rate limit of its own': `
    insert into supaqueue.rate_limit (name, max_rps, burst) values ('seeded', 1000, 1000);
    insert into supaqueue.queue (id, name, edge_function_name, rate_limit) values ('22222222-2222-4222-8222-22222222aaaa', 'seeded', 'hello', 'seeded');
    insert into supaqueue.worker (queue) values ('22222222-2222-4222-8222-22222222aaaa');
    insert into supaqueue.job (queue) values ('22222222-2222-4222-8222-22222222aaaa')`,
  'a queue without a name': `
    insert into supaqueue.queue (id, edge_function_name) values ('22222222-2222-4222-8222-22222222aaaa', 'hello');
    insert into supaqueue.worker (queue) values ('22222222-2222-4222-8222-22222222aaaa');
    insert into supaqueue.job (queue) values ('22222222-2222-4222-8222-22222222aaaa')`,
  'a held job and what it waits for': `
    insert into supaqueue.job (id, queue, status, waits_for) overriding system value select 501, id, 'held', 1 from supaqueue.queue;
    insert into supaqueue.job (id, queue) overriding system value select 502, id from supaqueue.queue;
    insert into supaqueue.job_dependency (source, target) values (502, 501)`,
  'a held job whose source has ended': `
    insert into supaqueue.job (id, queue, status, waits_for) overriding system value select 501, id, 'held', 1 from supaqueue.queue;
    insert into supaqueue.job (id, queue, status, finished_at) overriding system value select 502, id, 'success', now() from supaqueue.queue;
    insert into supaqueue.job_dependency (source, target) values (502, 501)`,
  'jobs in progress that nobody has': `
    insert into supaqueue.job (queue, status, attempts) select id, 'in_progress', 1 from supaqueue.queue cross join generate_series(1, 2)`,
  'a worker that is locked': `
    update supaqueue.worker set locked = true; insert into supaqueue.job (queue) select id from supaqueue.queue`,
  'jobs with a claim that no run has': `
    insert into supaqueue.job (id, queue, status, attempts) overriding system value select 600, id, 'in_progress', 1 from supaqueue.queue;
    insert into supaqueue.current_job (queue, worker, job, lease_until)
      select queue.id, worker.id, 600, now() - interval '1 minute' from supaqueue.queue join supaqueue.worker on worker.queue = queue.id limit 1`,
  'ids that the sequence has not given': `
    insert into supaqueue.job (id, queue) overriding system value select (select coalesce(max(id), 0) from supaqueue.job) + place, queue.id
    from supaqueue.queue cross join generate_series(1, 3) as place`,
  'a heartbeat of a run that died far in the future': `
    update supaqueue.heartbeat set run = gen_random_uuid(), awake_until = '9999-01-01', woken_at = '9998-01-01';
    insert into supaqueue.job (queue) select id from supaqueue.queue`,
}

describe('like case 03: rows come in while triggers are off', () => {
  test.for(Object.entries(seeds))('%s: the sweep finds them, and they run', async ([, seed], { ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const admin = houseOf(await ownDatabase.connect('admin'))
    const chores = await choresOf(house)
    await house.queue({ name: 'there', workers: 2, retry_base_ms: 0 })

    await admin.db.query(`set session_replication_role = replica; ${seed}; reset session_replication_role`)
    for (const _ of [1, 2, 3]) {
      await house.sweep()
      await admin.db.query('update supaqueue.trouble set next_try_at = now()')
    }

    expect(await disorder(admin.db)).toEqual([])
    for (const { id } of (await house.db.query('select id from supaqueue.queue')).rows) {
      await house.db.query('update supaqueue.queue set retry_base_ms = 0 where id = $1', [id])
      await house.jobs(id, 1)
      await runs(house, id)
    }
    await sweeps(house, chores)
  })
})

/** What a role that may insert jobs can put into pg_temp, to be found first where a name is not qualified. */
const shadows: Record<string, string> = {
  ...Object.fromEntries(
    [
      'text',
      'jsonb',
      'int4',
      'int8',
      'uuid',
      'timestamptz',
      'bool',
      'interval',
      'job_status',
      'regclass',
      'numeric',
      'float8',
    ].map((
      type,
    ) => [
      `a domain ${type}`,
      `create domain pg_temp.${type} as ${
        type === 'job_status' ? 'supaqueue.job_status' : `pg_catalog.${type}`
      } check (pg_temp.pwn(value::pg_catalog.text));
       grant usage on domain pg_temp.${type} to public`,
    ]),
  ),
  ...Object.fromEntries(
    [
      'job',
      'queue',
      'worker',
      'setting',
      'heartbeat',
      'chore',
      'pg_trigger',
      'pg_class',
      'http_request_queue',
      'secrets',
      'decrypted_secrets',
    ].map((
      table,
    ) => [
      `a table ${table}`,
      `create table pg_temp.${table} (id bigint, queue pg_catalog.uuid, name pg_catalog.text, value pg_catalog.text)`,
    ]),
  ),
  'a view of the queues that calls it': `create view pg_temp.queue as select pg_temp.pwn('x') as id`,
  'an operator for text': `
    create function pg_temp.same(pg_catalog.text, pg_catalog.text) returns boolean language sql as 'select pg_temp.pwn($1)';
    create operator pg_temp.= (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = pg_temp.same)`,
  'an operator for numbers': `
    create function pg_temp.more(pg_catalog.int8, pg_catalog.int4) returns boolean language sql as 'select pg_temp.pwn(''x'')';
    create operator pg_temp.> (leftarg = pg_catalog.int8, rightarg = pg_catalog.int4, function = pg_temp.more)`,
  'an operator for JSON': `
    create function pg_temp.of(pg_catalog.jsonb, pg_catalog.text) returns pg_catalog.text language sql as 'select pg_temp.pwn($2)::pg_catalog.text';
    create operator pg_temp.->> (leftarg = pg_catalog.jsonb, rightarg = pg_catalog.text, function = pg_temp.of)`,
  'an operator class that is the default': `
    create type pg_temp.mine as (a pg_catalog.int4)`,
  'a function now and a function coalesce': `
    create function pg_temp.now() returns pg_catalog.timestamptz language sql as 'select case when pg_temp.pwn(''x'') then ''epoch''::pg_catalog.timestamptz end';
    create function pg_temp.clock_timestamp() returns pg_catalog.timestamptz language sql as 'select pg_temp.now()'`,
  'an aggregate count': `
    create function pg_temp.add(pg_catalog.int8) returns pg_catalog.int8 language sql as 'select case when pg_temp.pwn(''x'') then 1 end::pg_catalog.int8';
    create aggregate pg_temp.count(*) (sfunc = pg_temp.add, stype = pg_catalog.int8, initcond = '0')`,
  'a sequence of the name of ours': `create sequence pg_temp.job_id_seq`,
  'a collation': `create collation pg_temp."default" (provider = icu, locale = 'und')`,
}

describe('like case 01: a role that may insert jobs makes names of its own', () => {
  test.for(Object.entries(shadows))('%s in pg_temp: it stays what it is', async ([, shadow], { ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const admin = houseOf(await ownDatabase.connect('admin'))
    const queue = await house.queue({ workers: 1, ordered: 'key' })
    const role = `app_${randomUUID().slice(0, 8)}`
    await admin.db.query(`create role ${role}; grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      create policy app on supaqueue.job for insert to ${role} with check (true);
      create table public.pwned (by text); grant all on public.pwned to public`)
    const app = houseOf(await ownDatabase.connect('admin'))
    try {
      await app.db.query(`set session authorization ${role};
        create function pg_temp.pwn(v pg_catalog.text) returns boolean language plpgsql as $$
          begin
            if current_user <> '${role}' then insert into public.pwned values (current_user); end if;
            return true;
          end $$`)
      await app.db.query(shadow)

      await app.db.query(
        `insert into supaqueue.job (queue, payload, concurrency_key) values ('${queue}', '{"a": 1}', 'a')`,
      )
      await app.db.query(
        `set search_path = pg_temp; insert into supaqueue.job (queue, dedupe_key) values ('${queue}', 'k')`,
      )

      expect((await admin.db.query('select * from public.pwned')).rows).toEqual([])
      expect((await house.db.query('select status::text from supaqueue.job')).rows).toHaveLength(2)
    } finally {
      await app.db.query('reset session authorization; discard temp')
      await admin.db.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})

/** The numbers of a queue, at their ends; what is refused is so by a claim that has a name. */
const settings: Record<string, unknown[]> = {
  max_attempts: [1, 1_000_000, 2147483647],
  timeout_ms: [1, 1000, 86_400_000, 2147483647],
  retry_base_ms: [0, 1, 2147483647],
  retry_factor: [1, 1e-300, 1e300, 'NaN', 'Infinity'],
  retry_max_ms: [0, 1, 2147483647, '9223372036854775807'],
  max_deferrals: [null, 0, 1, 2147483647],
  max_defer_ms: [0, 1, 2147483647, '9223372036854775807'],
  result_max_bytes: [0, 1, 2147483647],
  per_key: [null, 1, 2147483647],
  max_repeats: [null, 0, 2147483647],
  max_lease_ms: [null, 1, 2147483647],
  batch_size: [1, 2, 100, 2147483647],
  batch_wait_ms: [0, 1, 2147483647],
  keep_success: ['0', '1 microsecond', '1000 years', '178000000 years'],
  keep_failed: ['0', '1 microsecond', '1000 years', '-1 second'],
  payload_max_bytes: [null, 0, 1, 2147483647],
}

describe('like cases 08 and 35: settings at their ends, each with every other', () => {
  test.for(Array.from(Array(12).keys()))(
    'however they are combined, jobs run and the sweep goes on: %i',
    async (seed, { ownDatabase }) => {
      const house = houseOf(await ownDatabase.connect())
      const chores = await choresOf(house)
      const bystander = await house.queue({ workers: 1, retry_base_ms: 0 })
      const known = (await house.db.query(
        `select attname from pg_attribute where attrelid = 'supaqueue.queue'::regclass and attnum > 0`,
      )).rows.map(({ attname }) => attname)
      let state = seed + 1
      const pick = <T>(from: T[]): T => from[(state = (state * 48271) % 2147483647) % from.length]!
      for (let round = 0; round < 8; round++) {
        const queue = await house.queue({ workers: 2 })
        const refused: unknown[] = []
        for (const name of Object.keys(settings).filter((name) => known.includes(name))) {
          await house.update('queue', queue, { [name]: pick(settings[name]!) }).catch((reason) => refused.push(reason))
        }
        // By its type, or by a claim.
        for (const reason of refused) {
          expect(reason).toMatchObject({ code: expect.stringMatching(/^(22003|22P02|23502|23514|SQ422)$/) })
        }
        await house.db.query(
          `select supaqueue.set_max_rps(name, $2, $3) from supaqueue.queue where id = $1`,
          [queue, pick([0.0001, 1, 1e6]), pick([1, 2147483647])],
        ).catch((reason) => expect(reason).toMatchObject({ code: 'SQ422' }))
        await house.jobs(queue, 3)
        const run = randomUUID()
        for (const outcome of ['failed', 'deferred', 'unknown', 'success'] as const) {
          const jobs = await house.take(run, queue)
          await house.called(run, queue, jobs.map(({ current_job }) => current_job.id))
          const { again } = await house.report(run, queue, jobs.map(({ current_job }) => current_job.id), outcome, {
            ms: pick([0, 1e300, -1]),
            retry_after_ms: pick([undefined, 0, 1e300]),
            result: { long: 'x'.repeat(pick([0, 1000])) },
          })
          expect(again).toEqual([])
          await house.db.query('select supaqueue.run_now(id) from supaqueue.job where queue = $1 and status = $2', [
            queue,
            'pending',
          ])
            .catch(() => {})
          await house.sweep()
          for (const { id } of (await house.db.query('select id from supaqueue.job where queue = $1', [queue])).rows) {
            await house.db.query('select supaqueue.explain($1)', [id])
          }
        }
        await house.db.query(
          'select supaqueue.health(), supaqueue.metrics(), (select count(*) from supaqueue.queue_overview)',
        )
        expect((await house.db.query('select kind, reason from supaqueue.trouble')).rows).toEqual([])
      }
      await house.jobs(bystander, 1)
      await runs(house, bystander)
      await sweeps(house, chores)
    },
  )
})
