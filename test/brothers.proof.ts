import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { applyDatabase } from '../scripts/cli/database/apply.ts'
import { catalogue } from './support/catalogue.ts'
import { disorder } from './support/order.ts'
import { type Harness, harness as harnessOf, test } from './support/harness.ts'

// Further inputs of the kinds of cases.test.ts, which every change must pass: for each what people do, and what must hold afterwards.

/** A queue that works: a job comes, fails once, waits, has its success. */
async function works(harness: Harness, name = `works-${randomUUID()}`): Promise<void> {
  const queue = await harness.queue({ name, workers: 2, retry_base_ms: 0 })
  await harness.jobs(queue, 3)
  await runs(harness, queue)
}

/** Every job of a queue ends, within a few turns and sweeps. */
async function runs(harness: Harness, queue: string): Promise<void> {
  const run = randomUUID()
  for (let turn = 0; turn < 6; turn++) {
    const jobs = await harness.take(run, queue)
    await harness.report(run, queue, jobs.map(({ current_job }) => current_job.id), turn === 0 ? 'failed' : 'success')
    await harness.sweep()
  }
  const { rows } = await harness.db.query(
    `select id, status, supaqueue.explain(id) ->> 'text' as why from supaqueue.job where queue = $1 and status <> 'success'`,
    [queue],
  )
  expect(rows).toEqual([])
}

/** No chore fails, and every chore there ever was is still done. */
async function sweeps(harness: Harness, chores: string[]): Promise<void> {
  const { rows } = await harness.db.query(
    'select name, failures, error, last_ok_at is not null as done from supaqueue.chore order by name',
  )
  expect(rows).toEqual(chores.map((name) => ({ name, failures: 0, error: null, done: true })))
}

const choresOf = async (harness: Harness): Promise<string[]> =>
  (await harness.db.query('select name from supaqueue.chore order by name')).rows.map(({ name }) => name)

/** All of ours that a user can empty. */
const tables = `attempt batch bulk_action circuit counter counter_delta current_job dispatch door heartbeat history home
  hook job job_dependency key_lock last_count last_sweep line_change line_head named_lock place_in_line queue rate_limit
  schedule setting signal step subscription throttled_key trouble unsettled wake_up worker`.split(/\s+/)

describe('like case 02: a table is emptied while jobs run', () => {
  test.for(tables)(
    'truncate supaqueue.%s cascade: what is left goes on, and what comes runs',
    async (table, { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect())
      const admin = harnessOf(await ownDatabase.connect('admin'))
      const chores = await choresOf(harness)
      const ordered = await harness.queue({ name: 'ordered', workers: 2, ordered: 'key', retry_base_ms: 0 })
      const queue = await harness.queue({
        name: 'plain',
        workers: 2,
        retry_base_ms: 0,
        per_key: 1,
        keep_success_attempts: true,
      })
      await harness.db.query(`select supaqueue.set_max_rps('plain', 1000, 1000)`)
      for (const one of [queue, ordered]) {
        const jobs = await harness.jobs(one, 4)
        await harness.db.query('select supaqueue.depend($1, $2)', [await harness.job(one, { status: 'held' }), jobs])
        await harness.take(randomUUID(), one)
      }
      await harness.sweep()

      await admin.db.query(`truncate supaqueue.${table} cascade`)
      await harness.sweep()
      await admin.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
      await harness.sweep()
      await admin.db.query('update supaqueue.trouble set next_try_at = now()')
      await harness.sweep()

      expect(await disorder(admin.db)).toEqual([])
      for (
        const { id } of (await harness.db.query(
          'select id from supaqueue.queue where exists (select from supaqueue.worker where worker.queue = queue.id)',
        )).rows
      ) await runs(harness, id)
      await works(harness)
      await sweeps(harness, chores)
    },
  )
})

test('like case 02: the chores are emptied: nothing heals that, and health says what does', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  await (await ownDatabase.connect('admin')).query('truncate supaqueue.chore')
  await harness.sweep()

  const { rows: [{ found }] } = await harness.db.query(`select supaqueue.health() -> 'findings' as found`)
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
    const harness = harnessOf(await ownDatabase.connect())
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const chores = await choresOf(harness)
    await harness.queue({ name: 'there', workers: 2, retry_base_ms: 0 })

    await admin.db.query(`set session_replication_role = replica; ${seed}; reset session_replication_role`)
    for (const _ of [1, 2, 3]) {
      await harness.sweep()
      await admin.db.query('update supaqueue.trouble set next_try_at = now()')
    }

    expect(await disorder(admin.db)).toEqual([])
    for (const { id } of (await harness.db.query('select id from supaqueue.queue')).rows) {
      await harness.db.query('update supaqueue.queue set retry_base_ms = 0 where id = $1', [id])
      await harness.jobs(id, 1)
      await runs(harness, id)
    }
    await sweeps(harness, chores)
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
    const harness = harnessOf(await ownDatabase.connect())
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await harness.queue({ workers: 1, ordered: 'key' })
    const role = `app_${randomUUID().slice(0, 8)}`
    await admin.db.query(`create role ${role};
      create policy app on supaqueue.job for insert to ${role} with check (true);
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role};
      create table public.pwned (by text); grant all on public.pwned to public`)
    const app = harnessOf(await ownDatabase.connect('admin'))
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
      expect((await harness.db.query('select status::text from supaqueue.job')).rows).toHaveLength(2)
    } finally {
      await app.db.query('reset session authorization; discard temp')
      await admin.db.query(`drop policy app on supaqueue.job; drop owned by ${role}; drop role ${role}`)
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
      const harness = harnessOf(await ownDatabase.connect())
      const chores = await choresOf(harness)
      const bystander = await harness.queue({ workers: 1, retry_base_ms: 0 })
      const known = (await harness.db.query(
        `select attname from pg_attribute where attrelid = 'supaqueue.queue'::regclass and attnum > 0`,
      )).rows.map(({ attname }) => attname)
      let state = seed + 1
      const pick = <T>(from: T[]): T => from[(state = (state * 48271) % 2147483647) % from.length]!
      for (let round = 0; round < 8; round++) {
        const queue = await harness.queue({ workers: 2 })
        const refused: unknown[] = []
        for (const name of Object.keys(settings).filter((name) => known.includes(name))) {
          await harness.update('queue', queue, { [name]: pick(settings[name]!) }).catch((reason) =>
            refused.push(reason)
          )
        }
        // By its type, or by a claim.
        for (const reason of refused) {
          expect(reason).toMatchObject({ code: expect.stringMatching(/^(22003|22P02|23502|23514|SQ422)$/) })
        }
        await harness.db.query(
          `select supaqueue.set_max_rps(name, $2, $3) from supaqueue.queue where id = $1`,
          [queue, pick([0.0001, 1, 1e6]), pick([1, 2147483647])],
        ).catch((reason) => expect(reason).toMatchObject({ code: 'SQ422' }))
        await harness.jobs(queue, 3)
        const run = randomUUID()
        for (const outcome of ['failed', 'deferred', 'unknown', 'success'] as const) {
          const jobs = await harness.take(run, queue)
          await harness.called(run, queue, jobs.map(({ current_job }) => current_job.id))
          const { again } = await harness.report(run, queue, jobs.map(({ current_job }) => current_job.id), outcome, {
            ms: pick([0, 1e300, -1]),
            retry_after_ms: pick([undefined, 0, 1e300]),
            result: { long: 'x'.repeat(pick([0, 1000])) },
          })
          expect(again).toEqual([])
          await harness.db.query('select supaqueue.run_now(id) from supaqueue.job where queue = $1 and status = $2', [
            queue,
            'pending',
          ])
            .catch(() => {})
          await harness.sweep()
          for (
            const { id } of (await harness.db.query('select id from supaqueue.job where queue = $1', [queue])).rows
          ) {
            await harness.db.query('select supaqueue.explain($1)', [id])
          }
        }
        await harness.db.query(
          'select supaqueue.health(), supaqueue.metrics(), (select count(*) from supaqueue.queue_overview)',
        )
        expect((await harness.db.query('select kind, reason from supaqueue.trouble')).rows).toEqual([])
      }
      await harness.jobs(bystander, 1)
      await runs(harness, bystander)
      await sweeps(harness, chores)
    },
  )
})

/**
 * A trigger of a user's that befalls jobs whose payload has `poison`: when, and what it does. What it leaves behind once it is
 * gone may be the user's own doing: then the job need not run.
 */
const poisons: Record<string, { when?: string; on?: string; does: string; keeps?: true }> = {
  ...Object.fromEntries(
    [
      ['its own error', 'P0001'],
      ['an error of ours', 'SQ422'],
      ['another error of ours', 'SQ409'],
      ['what a full disk raises', '53100'],
      ['what a lack of memory raises', '53200'],
      ['too many connections', '53300'],
      ['what a broken disk raises', '58030'],
      ['a serialization failure', '40001'],
      ['a deadlock', '40P01'],
      ['what a lock that is not had raises', '55P03'],
      ['what a server that stops raises', '57P01'],
      ['an inner error', 'XX000'],
      ['a corrupt index', 'XX002'],
      ['no data', 'P0002'],
      ['a read-only transaction', '25006'],
      ['a missing column', '42703'],
    ].map(([what, code]) => [`raises ${what}`, { does: `raise exception 'not in mine' using errcode = '${code}'` }]),
  ),
  'enqueues what no queue takes': { does: `perform supaqueue.enqueue('there-is-none', '{}')` },
  'enqueues what its queue refuses': {
    does: `perform supaqueue.enqueue('other', '{}', priority => null, run_at => now(), delay => '1 day')`,
  },
  'never ends to call itself': { does: `update supaqueue.job set updated_at = clock_timestamp() where id = new.id` },
  'has nothing to say': { does: `raise exception using errcode = '23503', message = ''` },
  'says a megabyte': { does: `raise exception '%', repeat('x', 1000000) using errcode = '23503'` },
  'divides by nothing': { does: `perform 1 / 0` },
  'reads no number': { does: `perform 'x'::integer` },
  'has the search path of a stranger': { does: `perform set_config('search_path', '"$user"', false)` },
  'has the time zone of a stranger': { does: `perform set_config('timezone', 'Asia/Kathmandu', false)` },
  'has no time for anybody': { does: `perform set_config('statement_timeout', '1', true)` },
  'has no time to wait': { does: `perform set_config('lock_timeout', '1', true)` },
  'takes what ours leave in the session': {
    does: `perform set_config('supaqueue.internal_write', '', false), set_config('supaqueue.signaled', 'x', false)`,
  },
  'takes the job away': { when: 'after update', does: 'delete from supaqueue.job where id = new.id', keeps: true },
  'takes the current job away': { when: 'after update', does: 'delete from supaqueue.current_job where job = new.id' },
  'puts it back at once': {
    when: 'after update',
    does: `if new.status = 'in_progress' then update supaqueue.job set status = 'pending' where id = new.id; end if`,
    keeps: true,
  },
  'holds it': { does: `new.status := 'held'`, keeps: true },
  'cancels it': { does: `new.status := 'cancelled'`, keeps: true },
  'says that it has ended': { does: `new.status := 'success'`, keeps: true },
  'says nothing of its status': { does: 'new.status := null', keeps: true },
  'has it never come': { does: `new.run_at := '9999-12-31'`, keeps: true },
  'has it never come, without an end': { does: `new.run_at := 'infinity'` },
  'has it tried less than never': { does: 'new.attempts := -1' },
  'gives it another queue': {
    does: `new.queue := (select id from supaqueue.queue where name = 'other')`,
    keeps: true,
  },
  'gives it a queue that is none': { does: 'new.queue := gen_random_uuid()' },
  'gives it another number': { does: 'new.id := new.id + 1000000', keeps: true },
  'empties its payload': { does: 'new.payload := null' },
  'for the whole statement raises when one is among them': {
    when: 'statement',
    does: `if exists (select from written where payload ? 'poison') then raise exception 'not in mine'; end if`,
  },
  'raises when it gets a current job': {
    when: 'after insert',
    on: 'current_job',
    does: `raise exception 'not in mine' using errcode = '23505'`,
  },
  'raises when its current job goes': {
    when: 'after delete',
    on: 'current_job',
    does: `raise exception 'not in mine' using errcode = '23505'`,
  },
  'locks all that there is': { does: 'lock table supaqueue.job in access exclusive mode' },
  'locks every worker': { does: 'perform from supaqueue.worker for update' },
}

const poisonedBy = ({ when = 'before update', on = 'job', does }: (typeof poisons)[string]): string =>
  when === 'statement'
    ? `create function public.poison() returns trigger language plpgsql as $$ begin ${does}; return null; end $$;
       create trigger poison after update on supaqueue.job referencing new table as written
       for each statement execute function public.poison()`
    : `create function public.poison() returns trigger language plpgsql as $$
       begin
         if ${
      on === 'job'
        ? `new.payload ? 'poison'`
        : `exists (select from supaqueue.job where id = coalesce(new.job, old.job) and payload ? 'poison')`
    } then ${does}; end if;
         return new;
       end $$;
       create trigger poison ${when} on supaqueue.${on} for each row execute function public.poison()`

describe('like case 04: a trigger of a user befalls one job', () => {
  test.for(Object.entries(poisons))('it %s: all others go on', async ([, poison], { ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    const chores = await choresOf(harness)
    const queue = await harness.queue({ name: 'bad', workers: 3, retry_base_ms: 0, max_attempts: 50 })
    await harness.queue({ name: 'other' })
    const planned = await harness.queue({ name: 'planned', workers: 1 })
    const lost = await harness.job(queue, { payload: { poison: 1 } })
    const [beside] = await harness.jobs(queue, 1)
    const run = randomUUID()
    expect(await harness.take(run, queue)).toHaveLength(2)
    const waiting = await harness.job(queue, { payload: { poison: 2 }, priority: 1 })
    const others = await harness.jobs(queue, 2)
    await owner.query(poisonedBy(poison))

    // What runs is reported, and then lost; what waits is begun.
    const jobs = await harness.currentJobs(queue)
    await harness.report(run, queue, jobs.map(({ id }) => id), 'failed')
    await harness.age('current_job', queue)
    await harness.plannedJob(planned, '8 seconds')
    await harness.sweep()
    expect(await harness.wakeUps(planned)).toBe(1)
    for (let turn = 0; turn < 6; turn++) {
      const taken = await harness.take(run, queue)
      await harness.report(run, queue, taken.map(({ current_job }) => current_job.id))
      await harness.age('current_job', queue)
      await harness.sweep()
    }

    const { rows: left } = await harness.db.query(
      `select id, status::text, supaqueue.explain(id) ->> 'text' as why from supaqueue.job where id = any ($1) and status <> 'success'`,
      [[beside, ...others]],
    )
    expect(left).toEqual([])
    await works(harness)
    await sweeps(harness, chores)
    await harness.db.query('select supaqueue.explain(id) from supaqueue.job where id = any ($1)', [[lost, waiting]])
    await harness.db.query('select supaqueue.health(), supaqueue.metrics()')

    await owner.query('drop function public.poison cascade')
    for (const _ of [1, 2, 3]) {
      await harness.db.query('update supaqueue.trouble set next_try_at = now()')
      await harness.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
      await harness.sweep()
    }
    if (!poison.keeps) await runs(harness, queue)
    await works(harness)
    await harness.db.query('update supaqueue.trouble set next_try_at = now()')
    await harness.sweep()
    expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
    expect(await disorder(owner)).toEqual([])
  })
})

test('like case 04: all tables are published, as others that copy a database ask for: every row can be written and deleted', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const admin = await ownDatabase.connect('admin')
  const chores = await choresOf(harness)
  await admin.query('create publication mine for all tables')

  for (const _ of [1, 2, 3]) {
    await works(harness)
    await harness.sweep()
  }

  await sweeps(harness, chores)
  expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
  // PostgreSQL refuses to update and to delete what a copy could not find.
  const { rows } = await admin.query(
    `select relname from pg_class where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and relpersistence = 'p'
       and relreplident = 'd' and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)`,
  )
  expect(rows).toEqual([])
})

/** What a user's own tables may have of jobs, and a job that has been over for nine days is in one of them. */
const references: Record<string, { come: string; go?: string; open?: string; pruned?: true }> = {
  'nothing said': { come: 'create table mine.report (job bigint references supaqueue.job)' },
  'on delete restrict': { come: 'create table mine.report (job bigint references supaqueue.job on delete restrict)' },
  'looked at in the end': {
    come: 'create table mine.report (job bigint references supaqueue.job deferrable initially deferred)',
  },
  'on delete set null, where null may not be': {
    come: 'create table mine.report (job bigint not null references supaqueue.job on delete set null)',
  },
  'on delete set default, to a job that is none': {
    come: 'create table mine.report (job bigint default 0 references supaqueue.job on delete set default)',
  },
  'on delete cascade': {
    come: 'create table mine.report (job bigint references supaqueue.job on delete cascade)',
    pruned: true,
  },
  'on delete cascade, to what something else refers to': {
    come: `create table mine.report (job bigint primary key references supaqueue.job on delete cascade);
      create table mine.page (report bigint references mine.report);
      create function mine.page() returns trigger language plpgsql as
        $$ begin insert into mine.page values (new.job); return null; end $$;
      create trigger page after insert on mine.report for each row execute function mine.page()`,
  },
  'on delete cascade, to what a trigger keeps': {
    come: `create table mine.report (job bigint references supaqueue.job on delete cascade);
      create function mine.keep() returns trigger language plpgsql as $$ begin raise exception 'kept by mine'; end $$;
      create trigger keep before delete on mine.report for each row execute function mine.keep()`,
  },
  'on delete cascade, to what a trigger has no time for': {
    come: `create table mine.report (job bigint references supaqueue.job on delete cascade);
      create function mine.keep() returns trigger language plpgsql as
        $$ begin raise exception 'too late' using errcode = '57014'; end $$;
      create trigger keep before delete on mine.report for each row execute function mine.keep()`,
  },
  'on delete cascade, to a row that somebody holds': {
    come: 'create table mine.report (job bigint references supaqueue.job on delete cascade)',
    open: 'select from mine.report for update',
  },
  'by two columns': {
    come: `alter table supaqueue.job add constraint mine unique (id, queue);
      create table mine.report (job bigint, queue uuid default mine.queue_of(),
        foreign key (job, queue) references supaqueue.job (id, queue))`,
  },
  'from a table in parts': {
    come: `create table mine.report (job bigint references supaqueue.job) partition by range (job);
      create table mine.first partition of mine.report for values from (0) to (1000000)`,
  },
  'not looked at for old rows': {
    come: `create table mine.report (job bigint);
      alter table mine.report add foreign key (job) references supaqueue.job not valid`,
  },
  'from another job': {
    come: `alter table supaqueue.job add column parent bigint references supaqueue.job;
      create table mine.report (job bigint);
      create function mine.parent() returns trigger language plpgsql as $$
      begin
        update supaqueue.job set parent = new.job where id = (select max(id) from supaqueue.job where status = 'held');
        return null;
      end $$;
      create trigger parent after insert on mine.report for each row execute function mine.parent()`,
    go: 'alter table supaqueue.job drop column parent',
  },
}

describe('like case 34: a table of the user refers to a job that is over', () => {
  test.for(Object.entries(references))(
    '%s: the others are pruned, schedules come, jobs run',
    async ([, { come, go = 'select', open, pruned }], { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect())
      const owner = await ownDatabase.connect('owner')
      const chores = await choresOf(harness)
      const [referenced, clock, old] = [await harness.queue(), await harness.queue(), await harness.queue()]
      const finished = `insert into supaqueue.job (queue, status, finished_at)
        select $1, 'success', now() - interval '9 days' from generate_series(1, $2) returning id`
      const { rows: [kept] } = await harness.db.query(finished, [referenced, 1])
      await harness.db.query(finished, [old, 50])
      await harness.job(old, { status: 'held' })
      await owner.query(`create schema mine;
        create function mine.queue_of() returns uuid language sql as $$ select '${referenced}'::uuid $$`)
      await owner.query(come)
      await owner.query('insert into mine.report (job) values ($1)', [kept.id])
      await harness.db.query(
        `insert into supaqueue.schedule (name, queue, cron, next_at) values ('minute', $1, '* * * * *', now() - interval '1 minute')`,
        [clock],
      )
      const reader = await ownDatabase.connect('owner')
      if (open) await reader.query(`begin; ${open}`)

      // By hand as service_role, who may not enter the schema of the user's tables, and as pg_cron does.
      const cron = harnessOf(owner)
      for (const by of [harness, cron, harness]) await by.sweep()

      const left = async () =>
        (await harness.db.query('select id, status::text from supaqueue.job where queue = any ($1) order by id', [[
          referenced,
          old,
        ]])).rows
      expect((await left()).map(({ status }) => status)).toEqual(pruned ? ['held'] : ['success', 'held'])
      expect((await harness.db.query('select last_job is not null as came from supaqueue.schedule')).rows).toEqual([{
        came: true,
      }])
      await works(harness)
      await cron.sweep()
      await sweeps(harness, chores)
      if (!pruned) {
        expect((await harness.db.query('select job from supaqueue.trouble')).rows).toEqual([{ job: kept.id }])
      }

      await reader.query('rollback')
      await owner.query(`${go}; drop schema mine cascade`)
      await harness.db.query('update supaqueue.trouble set next_try_at = now()')
      await harness.sweep()
      expect((await left()).map(({ status }) => status)).toEqual(['held'])
      expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
    },
  )
})

/** What befalls one job that waits for others, at the moment at which that is over. */
const unsettling: Record<
  string,
  { poison: (typeof poisons)[string]; fails?: true; onFailure?: string; lock?: string }
> = {
  ...Object.fromEntries(
    [
      ['its own error', 'P0001'],
      ['an error of ours', 'SQ422'],
      ['what a full disk raises', '53100'],
      ['what takes too long', '57014'],
      ['a deadlock', '40P01'],
      ['a serialization failure', '40001'],
    ].map(([what, code]) => [
      `a trigger raises ${what}`,
      { poison: { does: `raise exception 'not in mine' using errcode = '${code}'` } },
    ]),
  ),
  'a trigger asserts': { poison: { does: `assert false, 'not in mine'` } },
  'a trigger returns nothing': { poison: { does: 'return null' } },
  'a trigger raises after it': { poison: { when: 'after update', does: `raise exception 'not in mine'` } },
  'a trigger raises for the whole statement': {
    poison: {
      when: 'statement',
      does: `if exists (select from written where payload ? 'poison') then raise exception 'not in mine'; end if`,
    },
  },
  'a trigger raises when it is cancelled': { poison: { does: `raise exception 'not in mine'` }, fails: true },
  'a trigger raises when it is to run all the same': {
    poison: { does: `raise exception 'not in mine'` },
    fails: true,
    onFailure: 'run',
  },
  'a trigger raises when it is held back': {
    poison: {
      does:
        `if new.error is distinct from old.error or new.waits_for <> old.waits_for then raise exception 'not in mine'; end if`,
    },
    fails: true,
    onFailure: 'hold',
  },
  'a trigger raises where what it waits for is written': {
    poison: { when: 'before update', on: 'job_dependency', does: `raise exception 'not in mine'` },
  },
  'somebody holds it, too': { poison: { does: `raise exception 'not in mine'` }, lock: 'for update' },
  'somebody reads it for a while, too': { poison: { does: `raise exception 'not in mine'` }, lock: 'for key share' },
}

describe('like case 36: what one job waits for is over, and that cannot be written', () => {
  test.for(Object.entries(unsettling))(
    '%s: its sources, its brothers and all other queues go on',
    async ([, { poison, fails, onFailure = 'cancel', lock }], { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect())
      const owner = await ownDatabase.connect('owner')
      const holder = await ownDatabase.connect()
      const chores = await choresOf(harness)
      const queue = await harness.queue({ name: 'pipe', workers: 10, retry_base_ms: 0, max_attempts: 50 })
      const sources = await harness.jobs(queue, 3)
      const bad = await harness.job(queue, { payload: { poison: 1 }, status: 'held' })
      const brothers = [await harness.job(queue, { status: 'held' }), await harness.job(queue, { status: 'held' })]
      for (const target of [brothers[0], bad, brothers[1]]) {
        await harness.db.query('select supaqueue.depend($1, $2, $3)', [target, sources, onFailure])
      }
      if (poison.on === 'job_dependency') {
        await owner.query(`create function public.poison() returns trigger language plpgsql as
            $$ begin if new.target = ${bad} then ${poison.does}; end if; return new; end $$;
          create trigger poison before update on supaqueue.job_dependency for each row execute function public.poison()`)
      } else await owner.query(poisonedBy(poison))
      if (lock) await holder.query(`begin; select from supaqueue.job where id = ${bad} ${lock}`)

      const run = randomUUID()
      const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
      expect(tokens).toHaveLength(3)
      const outcome = fails ? 'killed' as const : 'success' as const
      let { again } = await harness.report(run, queue, tokens, outcome)
      for (let i = 0; i < 3 && again.length > 0; i++) again = (await harness.report(run, queue, again, outcome)).again
      expect(again).toEqual([])
      for (const _ of [1, 2, 3]) {
        await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [bad]).catch(() => {})
        await harness.sweep()
      }

      const { rows: over } = await harness.db.query(
        'select distinct status::text from supaqueue.job where id = any ($1)',
        [sources],
      )
      expect(over).toEqual([{ status: fails ? 'failed' : 'success' }])
      const { rows: next } = await harness.db.query(
        `select distinct status::text, waits_for from supaqueue.job where id = any ($1)`,
        [brothers],
      )
      expect(next).toEqual([{
        status: !fails ? 'pending' : { cancel: 'cancelled', run: 'pending', hold: 'held' }[onFailure],
        waits_for: expect.anything(),
      }])
      await works(harness)
      await sweeps(harness, chores)
      const { rows: [{ why, found }] } = await harness.db.query(
        `select supaqueue.explain($1) ->> 'text' as why, supaqueue.health() -> 'findings' as found`,
        [bad],
      )
      if (!lock) expect(why).toMatch(/mine|left a row|could not/)
      expect(JSON.stringify(found)).toMatch(/set_aside|net_stopped/)

      await holder.query('rollback')
      await owner.query('drop function public.poison cascade')
      for (const _ of [1, 2, 3]) {
        await harness.db.query('update supaqueue.trouble set next_try_at = now()')
        await harness.sweep()
      }
      const { rows: [settled] } = await harness.db.query('select status::text from supaqueue.job where id = $1', [bad])
      expect(settled.status).toBe(!fails ? 'pending' : { cancel: 'cancelled', run: 'pending', hold: 'held' }[onFailure])
      expect((await harness.db.query('select * from supaqueue.unsettled')).rows).toEqual([])
      expect((await harness.db.query('select kind, subject, reason from supaqueue.trouble')).rows).toEqual([])
    },
  )
})

/** What somebody has on the tables of ours, or in their database, when an upgrade comes in which everything is put in place anew. */
const inTheWay: Record<string, { come: string; as?: 'admin'; still?: string; go?: string }> = {
  'views of the user on what is ours': {
    come: `create view public.jobs as select * from supaqueue.job;
      create view public.queues as select * from supaqueue.queue_overview;
      create view public.counts as select * from supaqueue.queue_counters;
      create view public.outcomes as select * from supaqueue.outcome;
      create view public.failing as select * from supaqueue.failures;
      create materialized view public.kept as select * from supaqueue.queue_overview`,
    still: 'select * from public.jobs, public.queues, public.counts, public.outcomes, public.failing, public.kept',
  },
  'functions of the user that are bound to ours': {
    come: `create function public.pause_all() returns void language sql begin atomic
        select supaqueue.pause(name) from supaqueue.queue; end;
      create view public.why as select id, supaqueue.explain(id) as why from supaqueue.job`,
    still: 'select public.pause_all(), (select count(*) from public.why)',
    go: 'select supaqueue.resume(name) from supaqueue.queue',
  },
  'functions of the user with the names of ours': {
    come: `create function supaqueue.pause(integer) returns integer language sql as 'select 1';
      create function supaqueue.enqueue(integer) returns integer language sql as 'select 1';
      revoke execute on function supaqueue.pause(integer), supaqueue.enqueue(integer) from public;
      grant execute on function supaqueue.pause(integer), supaqueue.enqueue(integer) to service_role`,
    still: 'select supaqueue.pause(1), supaqueue.enqueue(1)',
  },
  'columns and indexes of the user': {
    come: `alter table supaqueue.job add column tenant text;
      create index on supaqueue.job (tenant);
      alter table supaqueue.queue add column team text default 'mine';
      alter table supaqueue.attempt add column bill numeric`,
    still: 'select tenant from supaqueue.job',
  },
  'triggers of the user before and after ours': {
    come: `create function public.touch() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger aaa before insert or update on supaqueue.job for each row execute function public.touch();
      create trigger zzz after insert or update on supaqueue.job for each row execute function public.touch();
      create constraint trigger mmm after insert on supaqueue.job deferrable initially deferred
        for each row execute function public.touch()`,
  },
  'a publication of all tables': {
    as: 'admin',
    come: 'create publication mine for all tables',
    go: 'drop publication mine',
  },
  'policies of the user': {
    come: `create policy mine on supaqueue.job for select to authenticated using (true);
      create policy mine on supaqueue.queue to authenticated using (true)`,
  },
  'serializable as the default': {
    as: 'admin',
    come:
      `do $$ begin execute format('alter database %I set default_transaction_isolation = serializable', current_database()); end $$`,
    go:
      `do $$ begin execute format('alter database %I reset default_transaction_isolation', current_database()); end $$`,
  },
  'settings of the database': {
    as: 'admin',
    come: `do $$ declare said text; begin
      foreach said in array array['search_path = public', 'statement_timeout = 1000', 'lock_timeout = 1', 'row_security = off',
        'standard_conforming_strings = off', 'quote_all_identifiers = on', 'transform_null_equals = on', 'check_function_bodies = on',
        'plpgsql.extra_errors = ''all''', 'plpgsql.extra_warnings = ''all''', 'datestyle = ''SQL, DMY''', 'intervalstyle = sql_standard',
        'bytea_output = escape', 'xmloption = document', 'timezone = ''Asia/Kathmandu''', 'extra_float_digits = -5',
        'idle_in_transaction_session_timeout = 1', 'transaction_timeout = 500']
      loop
        if exists (select from pg_settings where name = split_part(said, ' ', 1)) then
          execute format('alter database %I set %s', current_database(), said);
        end if;
      end loop; end $$`,
    go: `do $$ begin execute format('alter database %I reset all', current_database()); end $$`,
  },
  'an event trigger of the user': {
    as: 'admin',
    come: `create function public.watch() returns event_trigger language plpgsql as
        $$ begin perform count(*) from pg_event_trigger_ddl_commands(); raise notice 'seen'; end $$;
      create event trigger watch on ddl_command_end execute function public.watch()`,
    go: 'drop event trigger watch',
  },
  'statistics and storage of the user': {
    come: `create statistics supaqueue.mine on queue, status from supaqueue.job;
      alter table supaqueue.job alter column payload set storage external;
      alter table supaqueue.job set (fillfactor = 50, autovacuum_enabled = false)`,
  },
  'tables that refer to ours': {
    come: `create table public.report (job bigint references supaqueue.job, queue uuid references supaqueue.queue,
        worker uuid references supaqueue.worker)`,
    still: 'select * from public.report',
  },
}

describe('like case 42: an upgrade, in which everything is put in place anew', () => {
  test.for(Object.entries(inTheWay))(
    '%s are in the way: it succeeds, jobs run, and they are still there',
    async ([, { come, as, still = 'select', go }], { ownDatabase }) => {
      const harness = harnessOf(await ownDatabase.connect())
      const queue = await harness.queue({ name: 'there', workers: 2, retry_base_ms: 0 })
      await harness.jobs(queue, 3)
      await harness.take(randomUUID(), queue)
      const admin = await ownDatabase.connect('admin')
      const chores = await choresOf(harness)
      await (await ownDatabase.connect(as ?? 'owner')).query(come)
      const before = await catalogue(admin)
      await admin.query(`update supaqueue.applied_file set checksum = 'of an older release'`)

      try {
        await applyDatabase(ownDatabase.ownerUrl)

        expect(await catalogue(admin)).toEqual(before)
        const { rows } = await admin.query(`select from supaqueue.applied_file where checksum = 'of an older release'`)
        expect(rows).toEqual([])
        await admin.query(still)
      } finally {
        if (go) await admin.query(go)
      }
      const after = harnessOf(await ownDatabase.connect())
      await after.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
      await after.sweep()
      await runs(after, queue)
      await works(after)
      await sweeps(after, chores)
    },
  )
})
