import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from './support/harness.ts'
import { refusal } from './support/refusal.ts'
import { root } from './support/markdown.ts'

// Small inputs that once broke something, each one of a kind: what it is, and the right value. Those that take a whole
// stack, or have a test of their own kind, name it.

type Setting = {
  /** As the owner of supaqueue, which is no superuser. */
  harness: Harness
  admin: Harness
  open(who: 'owner' | 'admin'): Promise<Harness>
}

const begun = async (harness: Harness, queue: string) => (await harness.take(randomUUID(), queue)).length
const endAll = async (harness: Harness, queue: string) => {
  const run = randomUUID()
  const taken = await harness.take(run, queue)
  await harness.report(run, queue, taken.map(({ current_job: { id } }) => id))
}
const statuses = async (harness: Harness, queue: string): Promise<string[]> =>
  (await harness.db.query('select status from supaqueue.job where queue = $1 order by id', [queue])).rows
    .map(({ status }) => status)

const inputs: Record<string, (setting: Setting) => Promise<void>> = {
  '01 a role that may only insert jobs makes a type text of its own: it stays what it is': async (
    { harness, admin, open },
  ) => {
    const queue = await harness.queue()
    const role = `app_${randomUUID().slice(0, 8)}`
    await admin.db.query(`create role ${role};
      create policy app on supaqueue.job for insert to ${role} with check (true);
      grant usage on schema supaqueue to ${role};
      grant insert on supaqueue.job to ${role}`)
    const app = await open('admin')
    try {
      await app.db.query(`set session authorization ${role};
        create function pg_temp.pwn(v pg_catalog.text) returns boolean language plpgsql as $$
          begin
            if current_user <> '${role}' then execute 'grant all on all tables in schema supaqueue to ${role}'; end if;
            return true;
          exception when others then return true;
          end $$;
        create domain pg_temp.text as pg_catalog.text check (pg_temp.pwn(value));
        grant usage on domain pg_temp.text to public`)

      await app.db.query('insert into supaqueue.job (queue) values ($1)', [queue])

      const { rows } = await admin.db.query(`select has_table_privilege($1, 'supaqueue.queue', 'update') as may`, [
        role,
      ])
      expect(rows).toEqual([{ may: false }])
      expect(await statuses(harness, queue)).toEqual(['pending'])
    } finally {
      await app.db.query('reset session authorization; discard temp')
      await admin.db.query(`drop policy app on supaqueue.job; drop owned by ${role}; drop role ${role}`)
    }
  },

  '02 jobs are truncated while they run: the sweep frees their workers, and the next job begins': async (
    { harness },
  ) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.jobs(queue, 5)
    expect(await begun(harness, queue)).toBe(2)

    await harness.db.query('truncate supaqueue.job cascade')
    await harness.jobs(queue, 1)
    await harness.sweep()

    expect(await begun(harness, queue)).toBe(1)
  },

  '03 a queue, its worker and its job come in without triggers: the sweep finds them, and the job begins': async (
    { harness, admin },
  ) => {
    await admin.db.query('set session_replication_role = replica')
    const queue = await admin.queue({ workers: 1 })
    await admin.jobs(queue, 1)
    await admin.db.query('reset session_replication_role')

    await harness.sweep()

    expect(await harness.heartbeat(queue)).toMatchObject({ awake: true })
    expect(await begun(harness, queue)).toBe(1)
  },

  '04, 04b a trigger of the user refuses one lost lease: the leases of others come back, and it is named': async (
    { harness },
  ) => {
    await harness.db.query(`create schema mine;
      create function mine.mirror() returns trigger language plpgsql as
        $$ begin if new.payload ? 'poison' and old.status = 'in_progress' then raise exception 'no'; end if; return null; end $$;
      create trigger mirror after update of status on supaqueue.job for each row execute function mine.mirror()`)
    const queue = await harness.queue({ workers: 3, mode: 'pull', name: 'lost' })
    const bad = await harness.job(queue, { payload: { poison: 1 } })
    await harness.jobs(queue, 2)
    await harness.db.query(`select supaqueue.pick('lost', most => 3, lock_duration => '1 hour')`)
    await harness.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)

    await harness.sweep()

    expect(await statuses(harness, queue)).toEqual(['in_progress', 'pending', 'pending'])
    const { rows } = await harness.db.query('select job from supaqueue.trouble')
    expect(rows).toEqual([{ job: bad }])
  },

  '08 a job is due since ever: it is refused at once, or it runs and is counted': async ({ harness }) => {
    for (const runAt of ['-infinity', '4714-11-24 00:00:00+00 BC']) {
      const queue = await harness.queue({ workers: 2 })
      const insert = harness.db.query('insert into supaqueue.job (queue, run_at) values ($1, $2), ($1, now())', [
        queue,
        runAt,
      ])
      const refused = await insert.then(() => undefined, (reason) => reason)
      if (refused) {
        expect(refused).toMatchObject({ constraint: expect.any(String) })
        continue
      }
      await endAll(harness, queue)
      await harness.sweep()
      expect(await statuses(harness, queue)).toEqual(['success', 'success'])
    }
    expect((await harness.db.query('select supaqueue.metrics() as text')).rows[0].text).not.toMatch(
      / (NaN|[+-]?Inf(inity)?)$/m,
    )
  },

  '11 the schema is granted to anon as the page on custom schemas advises: Vault stays closed': async (
    { harness, admin },
  ) => {
    await harness.db.query(`grant usage on schema supaqueue to anon;
      grant all on all tables in schema supaqueue to anon;
      grant all on all routines in schema supaqueue to anon;
      grant all on all sequences in schema supaqueue to anon`)
    await harness.job(await harness.queue())

    await admin.db.query('set role anon')
    try {
      expect((await admin.db.query('select id from supaqueue.job')).rows).toEqual([])
      const asked = admin.db.query(
        `select supaqueue_internal.secrets_of(jsonb_populate_record(null::supaqueue.queue, '{"url": "x", "signing_secrets": ["k"], "default_headers": {}}'))`,
      )
      expect(await refusal(asked)).toMatchObject({ code: '42501' })
    } finally {
      await admin.db.query('reset role')
    }
  },

  '34 a table of the user refers to a finished job: the others are pruned, and schedules come': async ({ harness }) => {
    const [referenced, clock, old] = [await harness.queue(), await harness.queue(), await harness.queue()]
    const finished = `insert into supaqueue.job (queue, status, finished_at)
      select $1, 'success', now() - interval '9 days' from generate_series(1, $2) returning id`
    const { rows: [kept] } = await harness.db.query(finished, [referenced, 1])
    await harness.db.query(finished, [old, 50])
    await harness.db.query(`create schema mine; create table mine.report (job bigint references supaqueue.job (id))`)
    await harness.db.query('insert into mine.report values ($1)', [kept.id])
    await harness.db.query(
      `insert into supaqueue.schedule (name, queue, cron, next_at) values ('minute', $1, '* * * * *', now() - interval '1 minute')`,
      [clock],
    )

    for (const _ of [1, 2, 3]) await harness.sweep()

    expect(await statuses(harness, old)).toEqual([])
    expect(await statuses(harness, referenced)).toEqual(['success'])
    expect((await harness.db.query('select last_job is not null as came from supaqueue.schedule')).rows).toEqual([{
      came: true,
    }])
  },

  '35 one in 100 s, and as many at once as a number can say: refused, or the job begins and the sweep goes on': async (
    { harness },
  ) => {
    const queue = await harness.queue({ workers: 1, name: 'burst' })
    const set = harness.db.query(`select supaqueue.set_max_rps('burst', 0.01, 2147483647)`)
    const refused = await set.then(() => undefined, (reason) => reason)
    if (refused) expect(refused).toMatchObject({ code: 'SQ422', hint: expect.any(String) })
    await harness.jobs(queue, 1)

    await harness.sweep()

    expect(await begun(harness, queue)).toBe(1)
    const { rows } = await harness.db.query('select name, error from supaqueue.chore where failures > 0')
    expect(rows).toEqual([])
  },
}

/** Where the others are tested: the file, and the title of a test in it. */
const elsewhere: Record<string, [file: string, title: string]> = {
  '04 the sweep of other queues goes on, whatever the trigger does': [
    'faults/poison.test.ts',
    'a lost lease that a trigger of the user refuses to take back',
  ],
  '10b answers at commit for many queues cost in proportion': [
    'functions/core/wake/ensure_run_once.test.ts',
    'what a queue costs does not grow with the number of queues, and the table of locks is not filled',
  ],
  '17 forty odd answers': ['faults/odd_answers.test.ts', 'the dispatcher goes on'],
  '36 a note that cannot be settled stops no heartbeat': [
    'faults/poison.test.ts',
    'stops neither whoever ends its source nor the heartbeat of any queue',
  ],
  '42 an upgrade under load': ['concurrency/upgrades.proof.ts', 'an upgrade while the queue is busy'],
  'unlike keys in one insert': ['doors/unlike_keys.test.ts', 'takes its default where its key is missing'],
  'answers over 1,000 rows': ['doors/many.test.ts', 'pick gives the token of every job that it leases'],
  '60 jobs of 1 MB': ['concurrency/large_payloads.proof.ts', '60 jobs of 1 MB for 20 workers'],
}

describe('each small input gives its right value', () => {
  test.for(Object.entries(inputs))('%s', async ([, input], { ownDatabase }) => {
    const open = async (who: 'owner' | 'admin') => harnessOf(await ownDatabase.connect(who))
    await input({ harness: await open('owner'), admin: await open('admin'), open })
  })

  test.for(Object.entries(elsewhere))('%s', ([, [file, title]]) => {
    expect(readFileSync(join(root, 'test', file), 'utf8')).toContain(title)
  })
})
