import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { disorder, invariants } from '../support/order.ts'
import { harness as harnessOf, test } from '../support/harness.ts'

// What a superuser can do to the tables while no trigger and no foreign key looks.
const harms = [
  `delete from supaqueue.current_job where random() < 0.5`,
  `delete from supaqueue.job where random() < 0.3`,
  `delete from supaqueue.worker where random() < 0.3`,
  `delete from supaqueue.queue where name = 'second'`,
  `delete from supaqueue.heartbeat where random() < 0.7`,
  `delete from supaqueue.circuit where random() < 0.7`,
  `delete from supaqueue.counter`,
  `delete from supaqueue.last_count`,
  `delete from supaqueue.last_sweep`,
  `delete from supaqueue.job_dependency where random() < 0.5`,
  `update supaqueue.worker set locked = not locked where random() < 0.5`,
  `update supaqueue.job set status = (enum_range(null::supaqueue.job_status))[1 + floor(random() * 6)::int] where random() < 0.5`,
  `update supaqueue.job set finished_at = null`,
  `update supaqueue.job set waits_for = 3 where status = 'held'`,
  `update supaqueue.job set queue = (select id from supaqueue.queue order by random() limit 1) where random() < 0.3`,
  `update supaqueue.current_job set queue = gen_random_uuid() where random() < 0.3`,
  `update supaqueue.current_job set worker = gen_random_uuid() where random() < 0.3`,
  `update supaqueue.current_job set lease_until = now() - interval '1 minute' where random() < 0.5`,
  `update supaqueue.current_job set is_complete = true, is_successful = true where random() < 0.3`,
  `update supaqueue.job_dependency set ended_as = (enum_range(null::supaqueue.job_status))[1 + floor(random() * 6)::int] where random() < 0.5`,
  `update supaqueue.schedule set next_at = null`,
  `update supaqueue.last_count set up_to = 1000000, mark = 2000000`,
  `update supaqueue.heartbeat set awake_until = now() + interval '1 year', run = gen_random_uuid() where random() < 0.5`,
  `update supaqueue.circuit set failures = 7, open_until = null where random() < 0.5`,
  `insert into supaqueue.job (id, queue) overriding system value
   select (select coalesce(max(id), 0) + 500 from supaqueue.job), id from supaqueue.queue limit 1`,
  `insert into supaqueue.unsettled (job) values (123456)`,
  `insert into supaqueue.job_dependency (source, target) values (7777, 8888) on conflict do nothing`,
] as const

describe('whatever state the tables are in', () => {
  test('the sweep brings it to order, and every job that can run runs', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const admin = harnessOf(await ownDatabase.connect('admin'))

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...harms), { minLength: 1, maxLength: 8 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        async (chosen, seed) => {
          await admin.db.query('delete from supaqueue.trouble')
          await admin.db.query('set session_replication_role = replica')
          for (
            const table of ['job_dependency', 'current_job', 'job', 'worker', 'schedule', 'heartbeat', 'queue']
          ) {
            await admin.db.query(`delete from supaqueue.${table}`)
          }
          await admin.db.query('reset session_replication_role')
          const queues = [
            await harness.queue({ name: 'first', workers: 2, retry_base_ms: 0 }),
            await harness.queue({ name: 'second', workers: 2, retry_base_ms: 0 }),
          ]
          for (const queue of queues) {
            const jobs = await harness.jobs(queue, 4)
            await harness.db.query('select supaqueue.depend($1, $2)', [
              await harness.job(queue, { status: 'held' }),
              jobs,
            ])
            await harness.take(randomUUID(), queue)
            await harness.db.query(
              `insert into supaqueue.schedule (name, queue, cron) values ($1, $2, '@yearly')`,
              [`schedule of ${queue}`, queue],
            )
          }

          await admin.db.query('set session_replication_role = replica')
          await admin.db.query('select setseed($1)', [seed])
          for (const harm of chosen) await admin.db.query(harm)
          await admin.db.query('reset session_replication_role')

          for (let swept = 0; swept < 3; swept++) await harness.sweep()
          expect(await disorder(admin.db)).toEqual([])
          const { rows: failing } = await harness.db.query('select name, error from supaqueue.chore where failures > 0')
          expect(failing).toEqual([])

          // What is under way is lost, and then everything runs.
          await admin.db.query(`update supaqueue.current_job set lease_until = now() - interval '1 second'`)
          await harness.sweep()
          await admin.db.query(`update supaqueue.trouble set next_try_at = now()`)
          await harness.sweep()
          const present = (await harness.db.query('select id from supaqueue.queue')).rows
          // What ends in one queue may release a job of another.
          for (let rounds = 0, ended = 1; ended > 0 && rounds < 20; rounds++) {
            ended = 0
            for (const { id } of present) {
              const run = randomUUID()
              const taken = await harness.take(run, id)
              await harness.report(run, id, taken.map(({ current_job }) => current_job.id))
              ended += taken.length
            }
          }
          const { rows: left } = await harness.db.query(`
            select job.id, job.status, job.error from supaqueue.job
            join supaqueue.queue on queue.id = job.queue
            where job.status in ('pending', 'in_progress') and job.run_at <= now()
              and exists (select from supaqueue.worker where worker.queue = queue.id)`)
          expect(left).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  })

  test('each of what is asked of it can be broken, and is seen', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(`
      insert into supaqueue.queue (id, name, edge_function_name) values ('11111111-1111-4111-8111-111111111111', 'one', 'hello');
      insert into supaqueue.worker (queue, locked) values (gen_random_uuid(), true);
      insert into supaqueue.job (id, queue, status, waits_for) overriding system value values
        (1, '11111111-1111-4111-8111-111111111111', 'in_progress', 0),
        (2, '11111111-1111-4111-8111-111111111111', 'success', 0),
        (3, '11111111-1111-4111-8111-111111111111', 'held', 1),
        (4, gen_random_uuid(), 'pending', 0);
      insert into supaqueue.current_job (queue, worker, job) values (gen_random_uuid(), gen_random_uuid(), 99);
      insert into supaqueue.job_dependency (source, target) values (98, 99);
      insert into supaqueue.schedule (name, queue, cron) values ('daily', '11111111-1111-4111-8111-111111111111', '@daily');
      delete from supaqueue.last_count`)

    expect(await disorder(admin.db)).toEqual(Object.keys(invariants))
  })
})
