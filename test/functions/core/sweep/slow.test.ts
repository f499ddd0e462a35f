import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

/**
 * So many jobs whose leases have run out. `left` are those that the sweep has not taken back; another lease of the same job,
 * which a worker may give it at once, is none of these.
 */
async function lose(harness: Harness, queue: string, jobs: number) {
  await harness.jobs(queue, jobs)
  const tokens = (await harness.take(randomUUID(), queue)).map(({ current_job }) => current_job.id)
  await harness.age('current_job', queue)
  const left = async (): Promise<number[]> => {
    const { rows } = await harness.db.query(
      'select job::integer from supaqueue.current_job where id = any ($1) order by job',
      [tokens],
    )
    return rows.map(({ job }) => job)
  }
  return left
}

async function threeLost(database: TestDatabase) {
  const harness = harnessOf(await database.connect())
  const owner = await database.connect('owner')
  const queue = await harness.queue({ name: 'slow', workers: 3 })
  return { harness, owner, queue, left: await lose(harness, queue, 3) }
}

describe('where a trigger of the user takes more than a second for each job of one queue, the sweep', () => {
  test('takes back the leases of others that came later, and of the slow one in each sweep a part', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    const slow = await harness.queue({ name: 'slow', workers: 12 })
    const well = await harness.queue({ name: 'well', workers: 3 })
    const slowLeft = await lose(harness, slow, 12)
    const wellLeft = await lose(harness, well, 3)
    await harness.db.query(
      `update supaqueue.current_job set lease_until = lease_until - interval '1 hour' where queue = $1`,
      [
        slow,
      ],
    )
    await owner.query(`
      create function public.linger() returns trigger language plpgsql as $$
      begin
        if new.queue = '${slow}' and old.status = 'in_progress' then perform pg_sleep(1.1); end if;
        return new;
      end $$;
      create trigger linger before update on supaqueue.job for each row execute function public.linger()`)

    const parts: number[] = []
    while ((await wellLeft()).length > 0 && parts.length < 12) {
      const before = await slowLeft()
      await harness.sweep()
      parts.push(before.length - (await slowLeft()).length)
    }

    expect(parts).toEqual(parts.map(() => 1))
    expect((await slowLeft()).length).toBeGreaterThan(0)
    const { rows } = await harness.db.query(`select subject, reason from supaqueue.trouble`)
    expect(rows).toEqual([{
      subject: slow,
      reason: expect.stringMatching(/needed .* s for one row: a trigger of yours/),
    }])
    const [job] = await slowLeft()
    const { rows: [{ text }] } = await harness.db.query(`select supaqueue.explain($1)::text as text`, [job])
    expect(text).toContain('after all others')
  })

  test('takes all back in the end, and the queue is slow no more once its trigger is gone', async ({ ownDatabase }) => {
    const { harness, owner, left } = await threeLost(ownDatabase)
    await owner.query(`
      create function public.linger() returns trigger language plpgsql as $$
      begin
        if old.status = 'in_progress' then perform pg_sleep(1.1); end if;
        return new;
      end $$;
      create trigger linger before update on supaqueue.job for each row execute function public.linger()`)
    await harness.sweep()
    expect(await left()).toHaveLength(2)
    await owner.query(
      'drop trigger linger on supaqueue.job; create trigger quick before update on supaqueue.job for each row when (false) execute function public.linger()',
    )

    for (let more = 0; more < 3; more++) await harness.sweep()

    expect(await left()).toEqual([])
    expect((await harness.db.query('select from supaqueue.trouble')).rowCount).toBe(0)
  })

  test('deletes old jobs in parts, wakes queues, and keeps schedules of others first', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    const slow = await harness.queue({ name: 'slow' })
    const well = await harness.queue({ name: 'well', workers: 1 })
    await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 40)`,
      [slow],
    )
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days'`)
    await harness.db.query(
      `insert into supaqueue.schedule (name, queue, cron, catch_up)
       select 'slow ' || n, $1::uuid, '* * * * *', 'all' from generate_series(1, 12) as n
       union all select 'well', $2::uuid, '* * * * *', 'one'`,
      [slow, well],
    )
    await harness.db.query(
      `update supaqueue.schedule set next_at = date_trunc('minute', now()) - interval '30 minutes'`,
    )
    await harness.db.query(`update supaqueue.schedule set next_at = date_trunc('minute', now()) where name = 'well'`)
    await owner.query(`
      create function public.linger() returns trigger language plpgsql as $$
      begin
        if coalesce(new.queue, old.queue) = '${slow}' then perform pg_sleep(1.1); end if;
        return coalesce(new, old);
      end $$;
      create trigger linger before insert or delete on supaqueue.job for each row execute function public.linger()`)
    const of = async (queue: string) =>
      (await harness.db.query('select from supaqueue.job where queue = $1', [queue])).rowCount!

    let sweeps = 0
    while (await of(well) === 0 && sweeps < 20) {
      await harness.sweep()
      sweeps++
    }

    // Those of the slow one are as many as the sweeps: one by one, and of 30 minutes each.
    const { rows: [{ kept }] } = await harness.db.query(
      `select count(*)::integer as kept from supaqueue.job where queue = $1 and status = 'pending'`,
      [slow],
    )
    expect(kept).toBeLessThanOrEqual(sweeps)
    expect(await of(slow)).toBeGreaterThan(30)
    expect(await harness.wakeUps(well)).toBeGreaterThan(0)
  })
})

/** What is no trigger, and runs with each row all the same: for a job that comes back from a run, more than a second. */
const lingering: Record<string, string> = {
  'a check': 'alter table supaqueue.job add check (public.lingers(status, attempts))',
  'a generated column': `alter table supaqueue.job
    add column mine boolean generated always as (public.lingers(status, attempts)) stored`,
  'an index': `create index mine on supaqueue.job (public.lingers(status, attempts))`,
}

test.for(Object.entries(lingering))(
  'where %s takes more than a second for each job, the sweep takes back one',
  async ([, sql], { ownDatabase }) => {
    const { harness, owner, queue, left } = await threeLost(ownDatabase)
    await owner.query(`
    create function public.lingers(status supaqueue.job_status, attempts integer) returns boolean language plpgsql immutable as $$
    begin
      if status = 'pending' then perform pg_sleep(1.1); end if;
      return true;
    end $$`)
    await owner.query(sql)

    await harness.sweep()

    expect(await left()).toHaveLength(2)
    expect((await harness.db.query('select kind, queue from supaqueue.trouble')).rows).toEqual([{
      kind: 'slow',
      queue,
    }])
  },
)

test('where a trigger takes more than a second to note that a queue was woken, the sweep wakes all', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const owner = await ownDatabase.connect('owner')
  const queues = await Promise.all([1, 2, 3].map(() => harness.queue({ workers: 1 })))
  for (const queue of queues) await harness.plannedJob(queue, '8 seconds')
  await owner.query(`
    create function public.linger() returns trigger language plpgsql as $$ begin perform pg_sleep(1.1); return new; end $$;
    create trigger linger before update on supaqueue.heartbeat for each row execute function public.linger()`)

  await harness.sweep()

  for (const queue of queues) expect(await harness.wakeUps(queue)).toBe(1)
  const { rows } = await harness.db.query('select from supaqueue.heartbeat where awake_until > now()')
  expect(rows.length).toBeLessThan(2)
})
