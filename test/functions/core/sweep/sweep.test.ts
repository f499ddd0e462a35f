import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

async function begun(harness: Harness, count = 1, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: count, ...settings })
  const run = randomUUID()
  await harness.turn(run, queue)
  const jobs = await harness.jobs(queue, count)
  await harness.take(run, queue)
  return { queue, run, jobs, job: jobs[0]! }
}

// The sweep looks at every queue: what the test before left is not for this one to find.
beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

describe('sweep', () => {
  test('of a lost call uses the attempt and puts the job back by the formula of its queue', async ({ harness }) => {
    const { queue, job, run } = await begun(harness, 1, { retry_base_ms: 60_000 })
    await harness.called(run, queue, (await harness.currentJobs(queue)).map(({ id }) => id))
    await harness.age('current_job', queue)

    expect((await harness.sweep()).leases_lost).toBe(1)

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 1, error: expect.stringContaining('lease ran out') })
    expect(row.run_at - row.updated_at).toBeGreaterThanOrEqual(45_000)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await harness.currentJobs(queue)).toEqual([])
  })

  test('of a lost call at the last attempt fails the job', async ({ harness }) => {
    const { queue, job, run } = await begun(harness, 1, { max_attempts: 1 })
    await harness.called(run, queue, (await harness.currentJobs(queue)).map(({ id }) => id))
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await harness.jobRow(job)).toMatchObject({ status: 'failed', attempts: 1 })
  })

  test('of a claim that its run never said to have called gives the attempt back, three times', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, max_attempts: 1 })
    const job = await harness.job(queue)
    const fates: unknown[] = []

    for (let death = 0; death < 4; death++) {
      await harness.update('job', job, { run_at: new Date(0) })
      expect(await harness.take(randomUUID(), queue)).toHaveLength(1)
      await harness.age('current_job', queue)
      await harness.sweep()
      const { status, attempts, lost_claims } = await harness.jobRow(job)
      fates.push([status, attempts, lost_claims])
    }

    expect(fates).toEqual([['pending', 0, 1], ['pending', 0, 2], ['pending', 0, 3], ['failed', 1, 3]])
  })

  test('does not believe another run about a call', async ({ harness }) => {
    const { queue, job } = await begun(harness, 1, { max_attempts: 1 })
    await harness.called(randomUUID(), queue, (await harness.currentJobs(queue)).map(({ id }) => id))
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
  })

  test('of a claim that no run had begun gives the attempt back and starts the job anew', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, max_attempts: 1 })
    const job = await harness.job(queue)
    const { id: token } = await harness.currentJob(job)
    await harness.age('current_job', queue)
    await harness.age('heartbeat', queue)

    expect(await harness.sweep()).toEqual({ leases_lost: 1, queues_woken: 1 })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0, finished_at: null })
    expect(await harness.freeWorkers(queue)).toBe(1)
    const [entry] = await harness.take(randomUUID(), queue)
    expect(entry!.job).toMatchObject({ id: job, attempts: 1 })
    expect(entry!.current_job.id).not.toBe(token)
  })

  test('leaves a lease that has not run out', async ({ harness }) => {
    const { job } = await begun(harness)

    expect((await harness.sweep()).leases_lost).toBe(0)

    expect((await harness.jobRow(job)).status).toBe('in_progress')
  })

  test('takes back no more leases than it was asked to, the oldest first', async ({ harness }) => {
    const { queue } = await begun(harness, 3)
    const [first, second, third] = await harness.currentJobs(queue)
    for (const [row, age] of [[first, 1], [second, 3], [third, 2]]) {
      await harness.db.query(
        `update supaqueue.current_job set lease_until = now() - $2 * interval '1 minute' where id = $1`,
        [row.id, age],
      )
    }

    const { rows } = await harness.db.query('select leases_lost from supaqueue.sweep(2)')

    expect(rows).toEqual([{ leases_lost: 2 }])
    expect((await harness.currentJobs(queue)).map((row) => row.id)).toEqual([first.id])
  })

  test.for(['job', 'worker', 'current_job'] as const)(
    'does not wait for a %s that somebody holds, and takes the others back',
    async (table, { harness, another }) => {
      const { queue } = await begun(harness, 2)
      await harness.age('current_job', queue)
      const [held, other] = await harness.currentJobs(queue)
      const user = await another()
      await user.begin()
      await user.hold(table, { job: held.job, worker: held.worker, current_job: held.id }[table])

      await harness.impatient()

      expect((await harness.sweep()).leases_lost).toBe(1)
      expect((await harness.jobRow(other.job)).status).toBe('pending')
      expect((await harness.jobRow(held.job)).status).toBe('in_progress')
    },
  )

  test('of two at once takes a lease back once', async ({ harness, another }) => {
    const { queue, job, run } = await begun(harness, 1, { retry_base_ms: 60_000 })
    await harness.called(run, queue, (await harness.currentJobs(queue)).map(({ id }) => id))
    await harness.age('current_job', queue)
    const other = await another()

    await harness.begin()
    const mine = await harness.sweep()
    await other.impatient()
    const theirs = await other.sweep()
    await harness.commit()

    expect([mine.leases_lost, theirs.leases_lost]).toEqual([1, 0])
    expect((await harness.jobRow(job)).attempts).toBe(1)
  })

  test('wakes a queue with a planned job that has become due, once, and expects a run', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.plannedJob(queue, '8 seconds')

    expect(await harness.sweep()).toEqual({ leases_lost: 0, queues_woken: 1 })
    expect(await harness.sweep()).toEqual({ leases_lost: 0, queues_woken: 0 })

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.heartbeat(queue)).toEqual({ run: null, awake: true })
  })

  test('wakes it again for claims whose wake-up was lost', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    await harness.age('heartbeat', queue)

    expect((await harness.sweep()).queues_woken).toBe(1)

    expect(await harness.wakeUps(queue)).toBe(2)
  })

  test('wakes it again a second after a wake-up that was lost, each time, and not before', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const swallow = () => harness.db.query('delete from net.http_request_queue')
    await harness.job(queue)
    await swallow()

    for (let lost = 0; lost < 3; lost++) {
      await harness.sweep()
      expect(await harness.wakeUps(queue)).toBe(0)

      await harness.db.query(
        `update supaqueue.heartbeat set woken_at = woken_at - interval '1 second' where queue = $1`,
        [
          queue,
        ],
      )
      await harness.sweep()
      expect(await harness.wakeUps(queue)).toBe(1)
      await swallow()
    }
  })

  test('looks closely at those queues only that have a job', async ({ harness, another }) => {
    const admin = await another('admin')
    await harness.db.query(
      `insert into supaqueue.queue (name, edge_function_name) select 'idle ' || i, 'hello' from generate_series(1, 50) i`,
    )
    const busy = await harness.queue({ workers: 1 })
    await harness.job(busy, { due: '1 hour' })
    await admin.db.query(`set track_functions = 'all'`)
    const looks = async () =>
      (await admin.db.query(
        `select coalesce(sum(pg_stat_get_xact_function_calls(oid)), 0)::integer as calls from pg_proc
         where oid = 'supaqueue_internal.needs_run(supaqueue.queue)'::regprocedure`,
      )).rows[0].calls

    await admin.begin()
    await admin.sweep()
    const looked = await looks()
    await admin.rollback()

    expect(looked).toBeLessThan(50)
    expect(looked).toBeGreaterThan(0)
  })

  test('wakes a queue whose leader died', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.sweep()

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('wakes a queue whose leader died before the clock was set back, and the run that comes is the leader', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)
    await harness.db.query(
      `update supaqueue.heartbeat set awake_until = clock_timestamp() + interval '1 hour' where queue = $1`,
      [queue],
    )

    expect((await harness.sweep()).queues_woken).toBe(1)

    expect(await harness.wakeUps(queue)).toBe(1)
    expect(await harness.turn(randomUUID(), queue, { room: 1 })).toMatchObject({
      leader: true,
      jobs: [expect.anything()],
    })
  })

  test('does nothing for queues that are awake, paused, idle or without workers', async ({ harness }) => {
    const awake = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), awake)
    await harness.job(awake)
    const paused = await harness.queue({ workers: 1, paused: true })
    await harness.job(paused)
    await harness.queue({ workers: 1 })
    const idle = await harness.queue({ workers: 1 })
    await harness.job(idle, { due: '1 hour' })

    expect(await harness.sweep()).toEqual({ leases_lost: 0, queues_woken: 0 })
  })

  test('does not wait for a heartbeat that somebody holds', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.plannedJob(queue, '8 seconds')
    const user = await another()
    await user.begin()
    await user.holdHeartbeat(queue)

    await harness.impatient()

    expect((await harness.sweep()).queues_woken).toBe(1)
  })

  test('still takes leases back when dispatch is ill, and does not expect a run', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const { queue, job } = await begun(harness, 1, { retry_base_ms: 60_000 })
    await harness.age('current_job', queue)
    const planned = await harness.queue({ workers: 1 })
    await harness.plannedJob(planned, '8 seconds')
    await admin.db.query('drop schema net cascade')

    expect(await harness.sweep()).toEqual({ leases_lost: 1, queues_woken: 0 })

    expect((await harness.jobRow(job)).status).toBe('pending')
    expect((await harness.heartbeat(planned)).awake).toBe(false)
  })
})

test('a pause whose time is over ends, and its jobs are looked for; no other does', async ({ harness }) => {
  const [over, lasting, open] = [
    await harness.queue({ workers: 1, paused: true }),
    await harness.queue({ workers: 1, paused: true }),
    await harness.queue({ workers: 1, paused: true }),
  ]
  await harness.job(over)
  await harness.job(open)
  await harness.db.query(
    `update supaqueue.queue set paused_until = now() - interval '1 second', paused_reason = 'night' where id = $1`,
    [over],
  )
  await harness.db.query(`update supaqueue.queue set paused_until = now() + interval '1 hour' where id = $1`, [lasting])

  await harness.sweep()

  const { rows } = await harness.db.query(
    'select paused, paused_until, paused_reason from supaqueue.queue where id = any ($1) order by id = $2 desc, paused_until',
    [
      [over, lasting, open],
      over,
    ],
  )
  expect(rows).toMatchObject([{ paused: false, paused_until: null, paused_reason: null }, { paused: true }, {
    paused: true,
    paused_until: null,
  }])
  expect(await harness.wakeUps(over)).toBe(1)
})

describe('a sweep', () => {
  test('enqueues what a schedule brings, and its queue is called for it', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.db.query(
      `insert into supaqueue.schedule (name, queue, cron, payload) values ($1, $2, '* * * * *', '{"daily": true}')`,
      [`schedule of ${queue}`, queue],
    )
    await harness.db.query(`update supaqueue.schedule set next_at = date_trunc('minute', now()) where queue = $1`, [
      queue,
    ])

    await harness.sweep()

    const { rows } = await harness.db.query('select payload from supaqueue.job where queue = $1', [queue])
    expect(rows).toEqual([{ payload: { daily: true } }])
    expect(await harness.wakeUps(queue)).toBeGreaterThan(0)
  })

  test('prunes what is older than its queue keeps it', async ({ harness }) => {
    const queue = await harness.queue()
    const [old, fresh] = [
      await harness.job(queue, { status: 'success' }),
      await harness.job(queue, { status: 'success' }),
    ]
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days' where id = $1`, [old])

    await harness.sweep()

    const { rows } = await harness.db.query('select id from supaqueue.job where queue = $1', [queue])
    expect(rows).toEqual([{ id: fresh }])
  })

  test('prunes in up to ten batches, so that it keeps up with what ends between two sweeps', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 105)`,
      [queue],
    )
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '8 days' where queue = $1`, [queue])
    const left = async () =>
      (await harness.db.query('select count(*) from supaqueue.job where queue = $1', [queue])).rows[0].count

    await harness.db.query('select supaqueue.sweep(10)')
    expect(await left()).toBe(5)

    await harness.db.query('select supaqueue.sweep(10)')
    expect(await left()).toBe(0)
  })

  test('begins no batch of pruning once it has taken two seconds', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query(`
      create table public.batch (size integer);
      grant all on public.batch to service_role;
      create or replace function supaqueue.prune(most integer default 1000) returns integer language plpgsql as $$
      begin
        insert into public.batch values (most);
        perform pg_sleep(2.1);
        return most;
      end $$`)

    await harnessOf(await ownDatabase.connect()).sweep()

    const { rows } = await owner.query('select size from public.batch')
    expect(rows).toEqual([{ size: 1000 }])
  })

  test('takes lost leases back even when schedules cannot be kept', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query('drop function supaqueue_internal.keep_schedules(timestamptz, integer)')
    const own = harnessOf(await ownDatabase.connect())
    const queue = await own.queue({ workers: 1, retry_base_ms: 0 })
    const run = randomUUID()
    await own.turn(run, queue)
    const job = await own.job(queue)
    await own.take(run, queue)
    await own.age('current_job', queue)

    expect(await own.sweep()).toMatchObject({ leases_lost: 1 })
    expect((await own.jobRow(job)).status).toBe('pending')
  })
})

test('a chore that cannot have a lock in time has those after it hardly wait for theirs', async ({ ownDatabase }) => {
  const owner = await ownDatabase.connect('owner')
  await owner.query(`
    create table public.seen (lock_timeout text);
    create function supaqueue_internal.locked_out(most integer) returns integer language plpgsql as $$
    begin
      raise lock_not_available;
    end $$;
    create function supaqueue_internal.look(most integer) returns integer language sql as $$
      insert into public.seen values (current_setting('lock_timeout')) returning 1
    $$;
    delete from supaqueue.chore;
    insert into supaqueue.chore (name, place, routine)
    values ('before', 1, 'look'), ('locked out', 2, 'locked_out'), ('after', 3, 'look')`)

  await owner.query('select supaqueue.sweep()')

  const { rows } = await owner.query('select * from public.seen')
  expect(rows.map((row) => row.lock_timeout)).toEqual(['2s', '20ms'])
})
