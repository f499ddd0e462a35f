import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a report of jobs that nobody depends on spares itself the trigger; one of a source does not', async ({ another }) => {
  const harness = await another('admin')
  await harness.db.query(`set track_functions = 'all'`)
  const calls = async () =>
    (await harness.db.query(
      `select coalesce(pg_stat_get_xact_function_calls('supaqueue_internal.on_job_ended()'::regprocedure), 0) as calls`,
    )).rows[0].calls
  const run = randomUUID()
  const queue = await harness.queue({ workers: 2 })
  const [plain, source] = await harness.jobs(queue, 2)
  await pipeline(harness).depend(await harness.job(await harness.queue()), [source!])

  await harness.begin()
  await harness.db.query('set constraints all immediate')
  const taken = await harness.take(run, queue)
  const token = (job: number) => taken.find((entry) => entry.job.id === job)!.current_job.id
  await harness.report(run, queue, [token(plain!)])
  const spared = await calls()
  await harness.report(run, queue, [token(source!)])
  const needed = await calls()
  await harness.rollback()

  expect({ spared, needed }).toEqual({ spared: 0, needed: 1 })
})

test('whoever may only write jobs may end one that others depend on', async ({ harness, another }) => {
  const { depend, state } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  const admin = await another('admin')
  const role = `app_${randomUUID().replaceAll('-', '')}`
  await admin.db.query(`
    create role ${role};
    create policy ${role} on supaqueue.job to ${role} using (true);
    grant usage on schema supaqueue to ${role};
    grant select, update on supaqueue.job to ${role};
    set role ${role}`)

  await admin.update('job', source!, { status: 'success' })

  expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  await admin.db.query(`reset role; drop policy ${role} on supaqueue.job; drop owned by ${role}; drop role ${role}`)
})

test('until a source that a user cancels is committed as such, others may delete what depends on it', async ({ harness, another }) => {
  const { depend } = pipeline(harness)
  const [source, target] = await harness.jobs(await harness.queue(), 2)
  await depend(target!, [source!])
  const [user, other] = [await another(), await another()]
  await other.impatient()

  await user.begin()
  await user.update('job', source!, { status: 'cancelled' })
  await other.delete('job', target!)
  await user.commit()

  expect(await harness.jobRow(target!)).toBeUndefined()
})
