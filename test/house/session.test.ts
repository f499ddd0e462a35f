import { expect } from 'vitest'
import { makeSession } from '../support/session.ts'
import { test } from '../support/harness.ts'

const FOUND = `
  select pg_backend_pid() as pid, current_user::text as role, current_setting('work_mem') as work_mem,
    current_setting('statement_timeout') as statement_timeout, to_regclass('pg_temp.left_behind') as left_behind,
    (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
    (select count(*) from pg_prepared_statements where from_sql) as prepared,
    (select count(*) from pg_listening_channels()) as listens`

test('a test finds its session as if it were new, whatever another one left in it', async ({ database }) => {
  const session = makeSession(database)
  const db = await session.open()
  const { rows: [asNew] } = await db.query(FOUND)
  await db.query(
    `listen changes; prepare again as select 1; select pg_advisory_lock(1); create temp table left_behind ()`,
  )
  await db.query(`reset role; set work_mem = '1MB'; set statement_timeout = '1s'`)
  await db.query('begin')
  await db.query('select 1 / 0').catch(() => {})

  await session.release(db)

  expect((await (await session.open()).query(FOUND)).rows).toEqual([asNew])
})

test('one that is amid a statement is closed, and the next test has another', async ({ database, harness }) => {
  const session = makeSession(database)
  const db = await session.open()
  const { rows: [{ pid }] } = await db.query('select pg_backend_pid() as pid')
  await harness.db.query('select pg_advisory_lock(7)')
  const waits = db.query('select pg_advisory_lock(7)').catch((reason) => reason)

  await session.release(db)

  expect(await waits).toBeInstanceOf(Error)
  const { rows: [other] } = await (await session.open()).query('select pg_backend_pid() as pid')
  expect(other.pid).not.toBe(pid)
})
