import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('a report of jobs that nobody depends on spares itself the trigger; one of a source does not', async ({ another }) => {
  const house = await another('admin')
  await house.db.query(`set track_functions = 'all'`)
  const calls = async () =>
    (await house.db.query(
      `select coalesce(pg_stat_get_xact_function_calls('supaqueue_internal.on_job_ended()'::regprocedure), 0) as calls`,
    )).rows[0].calls
  const run = randomUUID()
  const queue = await house.queue({ workers: 2 })
  const [plain, source] = await house.jobs(queue, 2)
  await pipeline(house).depend(await house.job(await house.queue()), [source!])

  await house.begin()
  await house.db.query('set constraints all immediate')
  const taken = await house.take(run, queue)
  const token = (job: number) => taken.find((entry) => entry.job.id === job)!.current_job.id
  await house.report(run, queue, [token(plain!)])
  const spared = await calls()
  await house.report(run, queue, [token(source!)])
  const needed = await calls()
  await house.rollback()

  expect({ spared, needed }).toEqual({ spared: 0, needed: 1 })
})

test('whoever may only write jobs may end one that others depend on', async ({ house, another }) => {
  const { depend, state } = pipeline(house)
  const [source, target] = await house.jobs(await house.queue(), 2)
  await depend(target!, [source!])
  const admin = await another('admin')
  const role = `app_${randomUUID().replaceAll('-', '')}`
  await admin.db.query(`
    create role ${role};
    grant usage on schema supaqueue to ${role};
    grant select, update on supaqueue.job to ${role};
    create policy ${role} on supaqueue.job to ${role} using (true);
    set role ${role}`)

  await admin.update('job', source!, { status: 'success' })

  expect(await state(target!)).toEqual({ status: 'pending', waits_for: 0 })
  await admin.db.query(`reset role; drop owned by ${role}; drop role ${role}`)
})

test('until a source that a user cancels is committed as such, others may delete what depends on it', async ({ house, another }) => {
  const { depend } = pipeline(house)
  const [source, target] = await house.jobs(await house.queue(), 2)
  await depend(target!, [source!])
  const [user, other] = [await another(), await another()]
  await other.impatient()

  await user.begin()
  await user.update('job', source!, { status: 'cancelled' })
  await other.delete('job', target!)
  await user.commit()

  expect(await house.jobRow(target!)).toBeUndefined()
})
