import { expect } from 'vitest'
import { harness as harnessOf } from '../support/harness.ts'
import { test } from '../support/own.ts'

// A column that a user adds to a table of ours is the user's own: nothing of ours counts columns.

test('a column of a user on every table: jobs walk, nothing is set aside, and all that can be read is read', async ({ harness, database }) => {
  const owner = harnessOf(await database.connect('owner'))
  const { rows: tables } = await owner.db.query(
    `select relname from pg_class where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' order by relname`,
  )
  for (const { relname } of tables) await owner.db.query(`alter table supaqueue.${relname} add column mine text`)
  const queue = await harness.queue({ name: 'walks', workers: 2, max_attempts: 1, keep_success_attempts: true })
  const [good, bad] = await harness.jobs(queue, 2)

  const run = '0e0dd7f4-4c4b-4bd9-8a6c-27c4d3c6b1d5'
  for (const { current_job, job } of await harness.take(run, queue, 2)) {
    await harness.report(run, queue, [current_job.id], job.id === bad ? 'failed' : 'success', { ms: 5 })
  }
  // What was counted is read before the sweep adds it up, and after.
  await readAll()
  await harness.sweep()
  await readAll()

  const { rows: ended } = await harness.db.query(
    'select id, status::text from supaqueue.job where queue = $1 order by id',
    [queue],
  )
  expect(ended).toEqual([{ id: good, status: 'success' }, { id: bad, status: 'failed' }])
  expect((await owner.db.query('select kind, reason from supaqueue.trouble')).rows).toEqual([])
  expect((await owner.db.query('select name, error from supaqueue.chore where failures > 0')).rows).toEqual([])
  expect((await owner.db.query('select succeeded, failed from supaqueue.queue_counters')).rows)
    .toEqual([{ succeeded: expect.anything(), failed: expect.anything() }])

  /** Every view, every function that reads and needs nothing to be told, and those that are told a queue or a job. */
  async function readAll(): Promise<void> {
    const { rows: views } = await owner.db.query(
      `select format('select * from %s', oid::regclass) as read from pg_class
       where relnamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) and relkind = 'v'`,
    )
    const { rows: functions } = await owner.db.query(
      `select format('select * from %s()', oid::regproc) as read from pg_proc
       where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
         and prokind = 'f' and provolatile <> 'v' and pronargs = pronargdefaults and prorettype <> 'trigger'::regtype`,
    )
    expect(functions.length).toBeGreaterThan(10)
    for (const { read } of [...views, ...functions]) await owner.db.query(read)
    for (const job of [good, bad]) await owner.db.query('select supaqueue.explain($1)', [job])
  }
})
