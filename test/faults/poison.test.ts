import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harms, poisoned } from '../support/poison.ts'
import { pipeline } from '../support/pipeline.ts'
import { test } from '../support/harness.ts'

// Whatever one row meets, the others go on, and the bad one is set aside with its reason.
const kinds = Object.keys(harms) as (keyof typeof harms)[]

describe('a job that a trigger of the user refuses to begin', () => {
  test.for(kinds)('does not stop its queue, when the trigger %s', async (kind, { ownDatabase }) => {
    const { harness, owner, harm, heal, poison, troubles, comeDue, explain } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 3 })
    await harm(harms[kind], `new.status = 'in_progress'`)
    await owner.begin()
    await owner.db.query('lock table public.mine in exclusive mode')
    await harness.begin()
    const bad = await poison(queue, { priority: 1 })
    const [one, two] = await harness.jobs(queue, 2)
    await harness.commit()

    await harness.take(randomUUID(), queue)
    if (kind === 'cancels itself') {
      // Nobody knows which one it was: the sweep tries them one by one.
      await harness.sweep()
      await harness.sweep()
      await harness.take(randomUUID(), queue)
    }

    expect(await harness.inProgress(queue)).toEqual([one, two])
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await troubles()).toMatchObject([{ kind: 'begin', job: bad, reason: expect.anything() }])
    expect(await explain(bad)).toMatch(/could not be begun/)
    await owner.rollback()

    await heal()
    await comeDue()
    await harness.sweep()
    expect(await troubles()).toEqual([])
    await harness.take(randomUUID(), queue)
    expect((await harness.jobRow(bad)).status).toBe('in_progress')
  })

  test('is tried again at growing distances', async ({ ownDatabase }) => {
    const { harness, harm, poison, troubles, comeDue } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 1 })
    await harm(harms.raises, `new.status = 'in_progress'`)
    await poison(queue)
    const waits: number[] = []

    for (let tried = 1; tried <= 4; tried++) {
      if (tried > 1) {
        await comeDue()
        await harness.sweep()
      }
      const [row] = await troubles()
      expect(row.tries).toBe(tried)
      waits.push((row.next_try_at - row.tried_at) / 1000)
    }

    expect(waits).toEqual([0, 10, 20, 40])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})

describe('rows that wait for a lock in a trigger of the user', () => {
  const said = `raise warning 'may wait %', current_setting('lock_timeout'); ${harms['waits for a lock']}`
  const waits = (warnings: { message?: string }[]) =>
    warnings.flatMap(({ message }) => message?.match(/^may wait (.*)/)?.slice(1) ?? [])

  test.for(['reports of lost leases', 'claims of a turn'])(
    'hold up %s once, not each by itself',
    async (what, { ownDatabase }) => {
      const { harness, owner, harm, poison, troubles } = await poisoned(ownDatabase)
      const queue = await harness.queue({ workers: 8 })
      await harness.begin()
      for (let n = 0; n < 6; n++) await poison(queue)
      await harness.commit()
      if (what === 'reports of lost leases') {
        await harness.take(randomUUID(), queue)
        await harness.age('current_job', queue)
      } else {
        await harness.db.query('delete from supaqueue.current_job')
      }
      await harm(said)
      await owner.begin()
      await owner.db.query('lock table public.mine in exclusive mode')

      await harness.begin()
      const before = await harness.db.query('show lock_timeout')
      const warnings = await harness.warnings(() =>
        what === 'reports of lost leases' ? harness.sweep() : harness.take(randomUUID(), queue)
      )

      // Whoever called it waits as before.
      expect((await harness.db.query('show lock_timeout')).rows).toEqual(before.rows)
      await harness.commit()
      await owner.rollback()
      expect(await troubles()).toHaveLength(6)
      expect(waits(warnings).length).toBeGreaterThan(6)
      // All at once, and the first of them by itself.
      expect(waits(warnings).filter((wait) => wait !== '20ms').length).toBeLessThanOrEqual(2)
    },
  )
})

describe('a report that a trigger of the user refuses', () => {
  test('is brought again, then kept; the others are written, and the worker goes on', async ({ ownDatabase }) => {
    const { harness, harm, heal, poison, troubles, comeDue, explain } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    const bad = await poison(queue)
    const good = await harness.job(queue)
    const taken = await harness.take(run, queue)
    const tokens = taken.map(({ current_job }) => current_job.id)
    await harm(harms.raises, `old.status = 'in_progress'`)

    const token = (await harness.currentJob(bad)).id
    expect((await harness.report(run, queue, tokens)).again).toEqual([token])
    expect((await harness.jobRow(good)).status).toBe('success')
    expect((await harness.report(run, queue, [token], 'success', { result: { n: 7 } })).again).toEqual([token])
    expect((await harness.report(run, queue, [token], 'success', { result: { n: 7 } })).again).toEqual([])

    expect(await harness.freeWorkers(queue)).toBe(2)
    expect(await troubles()).toMatchObject([{ kind: 'report', job: bad, report: { outcome: 'success' } }])
    expect(await explain(bad)).toMatch(/could not be written down \(no row in mine/)

    await heal()
    await comeDue()
    await harness.sweep()
    expect(await harness.jobRow(bad)).toMatchObject({ status: 'success', result: { n: 7 }, attempts: 1 })
    expect(await troubles()).toEqual([])
  })

  test('whose time is over is kept with all that came with it, and the sweep writes the others', async ({ ownDatabase }) => {
    const { harness, harm, poison, troubles } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 2 })
    const run = randomUUID()
    const bad = await poison(queue)
    const good = await harness.job(queue)
    const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
    await harm(harms['cancels itself'], `old.status = 'in_progress'`)

    expect((await harness.report(run, queue, tokens)).again).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(2)
    // The bad one is the first to be tried, or the last.
    await harness.sweep()
    await harness.sweep()

    expect((await harness.jobRow(good)).status).toBe('success')
    expect(await troubles()).toMatchObject([{ kind: 'report', job: bad, code: '57014' }])
  })

  test('that no column can hold is written without what cannot be stored', async ({ ownDatabase }) => {
    const { harness, troubles } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 2, max_attempts: 1 })
    const run = randomUUID()
    const [one, two] = await harness.jobs(queue, 2)
    const [first, second] = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)

    const answer = await harness.turn(run, queue, {
      reports: [{ token: first!, outcome: 'failed', status: 1e20 }, { token: second!, outcome: 'success' }],
    })

    expect(answer.again).toEqual([])
    expect(await harness.jobRow(one!)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/cannot be stored/),
    })
    expect((await harness.jobRow(two!)).status).toBe('success')
    expect(await troubles()).toEqual([])
  })
})

describe('a lost lease that a trigger of the user refuses to take back', () => {
  test.for(['before update', 'after update', 'after update deferred'])(
    'stops no other lease, no planned job and no schedule: %s',
    async (trigger, { ownDatabase }) => {
      const { harness, harm, heal, poison, troubles, comeDue, explain } = await poisoned(ownDatabase)
      const queue = await harness.queue({ workers: 3 })
      const run = randomUUID()
      const bad = await poison(queue)
      const others = await harness.jobs(queue, 2)
      await harness.take(run, queue)
      await harm(harms.raises, `old.status = 'in_progress'`, trigger)
      await harness.age('current_job', queue)
      const planned = await harness.queue({ workers: 1 })
      await harness.plannedJob(planned, '8 seconds')

      expect(await harness.sweep()).toMatchObject({ queues_woken: 1 })

      for (const job of others) expect((await harness.jobRow(job)).status).toBe('pending')
      expect(await harness.wakeUps(planned)).toBe(1)
      expect(await harness.freeWorkers(queue)).toBe(3)
      expect(await troubles()).toMatchObject([{ kind: 'report', job: bad, code: '23503' }])
      expect(await explain(bad)).toMatch(/no row in mine/)
      const { rows } = await harness.db.query(
        "select swept_at > now() - interval '1 minute' as recent from supaqueue.last_sweep",
      )
      expect(rows).toEqual([{ recent: true }])

      await heal()
      await comeDue()
      await harness.sweep()
      expect((await harness.jobRow(bad)).status).toBe('pending')
    },
  )
})

describe('a finished job that cannot be deleted', () => {
  test.for(['', 'deferrable initially deferred'])(
    'since a table of the user refers to it, stops neither pruning nor schedules %s',
    async (deferred, { ownDatabase }) => {
      const { harness, owner, troubles, comeDue } = await poisoned(ownDatabase)
      const queue = await harness.queue()
      const [referenced, ...old] = await harness.jobs(queue, 5)
      await harness.db.query(
        `update supaqueue.job set status = 'success', finished_at = now() - interval '9 days' where queue = $1`,
        [queue],
      )
      await owner.db.query(`create table public.report (job bigint references supaqueue.job ${deferred})`)
      await owner.db.query('insert into public.report values ($1)', [referenced])
      const clock = await harness.queue()
      await harness.db.query(
        `insert into supaqueue.schedule (name, queue, cron, next_at) values ('minute', $1, '* * * * *', now() - interval '1 minute')`,
        [clock],
      )

      await harness.sweep()

      expect((await harness.db.query('select id from supaqueue.job where queue = $1', [queue])).rows).toEqual([{
        id: referenced,
      }])
      expect(old).toHaveLength(4)
      expect((await harness.db.query('select count(*) from supaqueue.job where queue = $1', [clock])).rows[0].count)
        .toBe(
          1,
        )
      expect(await troubles()).toMatchObject([{
        kind: 'prune',
        job: referenced,
        reason: expect.stringMatching(/report/),
      }])

      await owner.db.query('drop table public.report')
      await comeDue()
      await harness.sweep()
      expect((await harness.db.query('select count(*) from supaqueue.job where queue = $1', [queue])).rows[0].count)
        .toBe(
          0,
        )
      expect(await troubles()).toEqual([])
    },
  )
})

describe('a finished job that something of the user keeps', () => {
  const blockers = {
    'a trigger that returns nothing': `create function public.keep() returns trigger language plpgsql as $$
        begin return case when old.payload ? 'poison' then null else old end; end $$;
      create trigger keep before delete on supaqueue.job for each row execute function public.keep()`,
    'a rule that does nothing instead':
      `create rule keep as on delete to supaqueue.job where old.payload ? 'poison' do instead nothing`,
  }

  test.for(Object.entries(blockers))(
    'by %s, is named and stops the pruning of no other',
    async ([what, blocker], { ownDatabase }) => {
      const { harness, owner, poison, troubles, comeDue } = await poisoned(ownDatabase)
      const queue = await harness.queue()
      const bad = await poison(queue)
      await harness.jobs(queue, 4)
      await harness.db.query(
        `update supaqueue.job set status = 'success', finished_at = now() - interval '9 days' where queue = $1`,
        [queue],
      )
      await owner.db.query(blocker)

      await harness.sweep()

      const left = async () => (await harness.db.query('select id from supaqueue.job where queue = $1', [queue])).rows
      expect(await left()).toEqual([{ id: bad }])
      expect(await troubles()).toMatchObject([{
        kind: 'prune',
        job: bad,
        reason: expect.stringMatching(/left a row as it was/),
      }])

      await owner.db.query(
        what.includes('rule') ? 'drop rule keep on supaqueue.job' : 'drop trigger keep on supaqueue.job',
      )
      await comeDue()
      await harness.sweep()
      expect(await left()).toEqual([])
      expect(await troubles()).toEqual([])
    },
  )
})

describe('a dependency that cannot be settled', () => {
  test('stops neither whoever ends its source nor the heartbeat of any queue', async ({ ownDatabase }) => {
    const { harness, harm, heal, poison, troubles, comeDue, explain } = await poisoned(ownDatabase)
    const queue = await harness.queue({ workers: 1 })
    const source = await harness.job(queue)
    const target = await poison(queue, { status: 'held' })
    await pipeline(harness).depend(target, [source])
    await harm(harms.raises, `new.status = 'pending'`)
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)

    expect((await harness.report(run, queue, [entry!.current_job.id])).again).toEqual([])

    expect((await harness.jobRow(source)).status).toBe('success')
    expect(await troubles()).toMatchObject([{ kind: 'dependencies', job: target }])
    expect(await explain(target)).toMatch(/dependencies could not be settled \(no row in mine/)
    await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [target])
    const bystander = await harness.queue({ workers: 1 })
    const other = await harness.job(bystander)
    await harness.take(randomUUID(), bystander)
    expect((await harness.jobRow(other)).status).toBe('in_progress')

    await heal()
    await comeDue()
    await harness.sweep()
    expect(await pipeline(harness).state(target)).toMatchObject({ waits_for: 0 })
    expect(await troubles()).toEqual([])
  })
})

describe('a chore that fails', () => {
  test('stops no other, is tried again at growing distances, and says why', async ({ ownDatabase }) => {
    const { harness, owner } = await poisoned(ownDatabase)
    const planned = await harness.queue({ workers: 1 })
    await harness.plannedJob(planned, '8 seconds')
    await owner.db.query(`
      create or replace function supaqueue_internal.end_pauses(most integer default 1000) returns integer language plpgsql
      as $$ begin perform 1 / 0; return 0; end $$`)
    const chore = async () =>
      (await harness.db.query(`select *, next_try_at > now() as later from supaqueue.chore where name = 'pauses'`))
        .rows[0]

    const warnings = await harness.warnings(() => harness.sweep())

    expect(warnings).toMatchObject([{ code: 'SQ503', message: expect.stringMatching(/pauses: division by zero/) }])
    expect(await harness.wakeUps(planned)).toBe(1)
    expect(await chore()).toMatchObject({ failures: 1, code: '22012', error: 'division by zero', later: false })
    await harness.sweep()
    expect(await chore()).toMatchObject({ failures: 2, later: true })
    await harness.sweep()
    expect(await chore()).toMatchObject({ failures: 2 })

    await owner.db.query(`
      create or replace function supaqueue_internal.end_pauses(most integer default 1000) returns integer language sql
      as $$ select 0 $$`)
    await harness.db.query(`update supaqueue.chore set next_try_at = now()`)
    await harness.sweep()
    expect(await chore()).toMatchObject({ failures: 0, code: null, error: null, later: false })
  })

  test('is one that a module registers, in its place among the others', async ({ ownDatabase }) => {
    const { harness, owner } = await poisoned(ownDatabase)
    await owner.db.query(`
      create function supaqueue_internal.count_mine(most integer default 1000) returns integer language sql
      as $$ insert into public.mine values (most) returning 1 $$`)
    await owner.db.query(`grant all on public.mine to service_role`)
    await owner.db.query(
      `insert into supaqueue.chore (name, place, routine, times) values ('mine', 1, 'count_mine', 3)`,
    )

    await harness.db.query('select supaqueue.sweep(10)')

    expect((await owner.db.query('select job from public.mine')).rows).toEqual([{ job: 30 }])
  })
})

test('a trigger on the table of workers stops neither turns nor the sweep', async ({ ownDatabase }) => {
  const { harness, owner } = await poisoned(ownDatabase)
  const queue = await harness.queue({ workers: 2 })
  const run = randomUUID()
  await harness.jobs(queue, 2)
  const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
  const [{ worker }] = await harness.currentJobs(queue)
  await owner.db.query(`
    create function public.stop() returns trigger language plpgsql as
    $$ begin if not new.locked and new.id = '${worker}' then raise exception 'no'; end if; return new; end $$`)
  await owner.db.query(
    'create trigger stop before update on supaqueue.worker for each row execute function public.stop()',
  )

  expect(await harness.report(run, queue, tokens)).toMatchObject({ again: [], stale: [] })
  expect(await harness.freeWorkers(queue)).toBe(1)

  await owner.db.query('drop trigger stop on supaqueue.worker')
  await harness.db.query('update supaqueue.trouble set next_try_at = now()')
  await harness.sweep()
  expect(await harness.freeWorkers(queue)).toBe(2)
})
