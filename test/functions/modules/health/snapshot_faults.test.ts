import { expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { until } from '../../../support/until.ts'
import { codes, type Finding, makeHealthy } from './healthy.ts'

/** Rows that are done with, as many as `count` jobs leave behind. */
async function leaveBehind(database: TestDatabase, harness: Harness, count: number): Promise<void> {
  const queue = await harness.queue({ workers: 1 })
  const admin = await database.connect('admin')
  await admin.query('set session_replication_role = replica')
  await admin.query('insert into supaqueue.job (queue) select $1 from generate_series(1, $2::integer)', [queue, count])
  await admin.query('delete from supaqueue.job where queue = $1', [queue])
  // Told before the answer of the next statement: what counts rows hears of it when a transaction ends, now and then.
  await admin.query('select pg_stat_force_next_flush()')
  await admin.query('select')
}

/** A transaction with a snapshot of its own, as a long query or a forgotten `begin`. */
async function hold(database: TestDatabase) {
  const holder = await database.connect('owner')
  await holder.query(`set application_name = 'a long report'`)
  await holder.query('begin isolation level repeatable read')
  const { rows: [{ pid }] } = await holder.query(
    'select pg_backend_pid() as pid from supaqueue.queue right join (select) as one on true',
  )
  return { holder, pid: pid as number }
}

const faults = async (harness: Harness, olderThan = '0 seconds'): Promise<Finding[]> =>
  (await harness.db.query('select supaqueue_internal.snapshot_faults($1) as found', [olderThan])).rows[0].found

test('who keeps rows in place that supaqueue is done with is named, with what ends it', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const { pid } = await hold(database)
  await leaveBehind(database, harness, 20_000)

  const [found, ...more] = await faults(harness)

  expect(more).toEqual([])
  expect(found).toMatchObject({
    code: 'old_snapshot',
    severity: 'warning',
    remedy: `select pg_terminate_backend(${pid});`,
    since: expect.any(String),
    queue: null,
  })
  expect(found!.text).toMatch(
    new RegExp(
      `^a transaction of postgres \\(pid ${pid}, a long report\\) has been open for [\\d.]+ m?s and keeps \\d+ rows in place that supaqueue is done with`,
    ),
  )
  // A report of a minute is nothing to hear of.
  expect(await codes(harness)).toEqual([])

  await (await database.connect('owner')).query(found!.remedy!)
  // It is told to end, and does so by itself.
  await until(async () => (await faults(harness)).length === 0)
})

test('one that keeps little in place is not named', async ({ database, harness }) => {
  await hold(database)
  await leaveBehind(database, harness, 1000)

  expect(await faults(harness)).toEqual([])
})

test('rows that nobody keeps in place are nobody to be named for', async ({ database, harness }) => {
  const { holder } = await hold(database)
  await holder.query('commit')
  await holder.query('begin')
  await holder.query('select 1')
  await leaveBehind(database, harness, 20_000)

  // Between two statements of read committed nothing is kept, however long ago it began.
  expect(await faults(harness)).toEqual([])
})

test('who has written and not committed keeps them, too', async ({ database, harness }) => {
  const { holder, pid } = await hold(database)
  await holder.query('commit')
  await holder.query('begin')
  await holder.query('create table public.mine ()')
  await leaveBehind(database, harness, 20_000)

  expect(await faults(harness)).toMatchObject([{ remedy: `select pg_terminate_backend(${pid});` }])
})
