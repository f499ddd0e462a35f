import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { type Postgres, startPostgres } from '../../scripts/dev/postgres.ts'
import { catalogue } from '../support/catalogue.ts'
import { prepare } from '../support/cluster.ts'
import { type Harness, harness as harnessOf } from '../support/harness.ts'

let postgres: Postgres
let db: pg.Client
let harness: Harness

beforeAll(async () => {
  postgres = await startPostgres({ version: 15, inMemory: true })
  await prepare(postgres, 'walk')
  db = new pg.Client({ connectionString: postgres.urlFor('authenticator', 'walk') })
  await db.connect()
  await db.query('set role service_role')
  harness = harnessOf(db)
})

afterAll(async () => {
  await db?.end()
  await postgres?.close()
})

describe('on PostgreSQL 15', () => {
  test('a job walks: enqueued, dispatched, failed, tried again, done; and the queue sleeps', async () => {
    expect((await db.query('show server_version')).rows[0].server_version).toMatch(/^15\./)
    const queue = await harness.queue({ workers: 2, retry_base_ms: 0 })
    const run = randomUUID()

    const job = await harness.job(queue, { payload: { arg1: 'val' } })
    const [first] = await harness.take(run, queue)
    await harness.report(run, queue, [first!.current_job.id], 'failed', { error: 'boom' })
    const [second] = await harness.take(run, queue)
    await harness.report(run, queue, [second!.current_job.id], 'success', { result: { ok: true } })
    await harness.sleep(queue, run)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 2, result: { ok: true } })
    expect(await harness.freeWorkers(queue)).toBe(2)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('a lost call is found by the sweep, and a current job is ended by hand', async () => {
    const queue = await harness.queue({ workers: 1, retry_base_ms: 0 })
    const job = await harness.job(queue)
    const run = randomUUID()
    await harness.called(run, queue, (await harness.take(run, queue)).map(({ current_job }) => current_job.id))
    await harness.age('current_job', queue)

    expect((await harness.sweep()).leases_lost).toBe(1)
    await harness.processJobs(queue)
    await harness.endCurrentJob((await harness.currentJob(job)).id, true)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 2 })
  })

  test('applying twice changes nothing', async () => {
    const admin = new pg.Client({ connectionString: postgres.urlFor('admin', 'walk') })
    await admin.connect()
    const before = await catalogue(admin)

    await applyDatabase(postgres.urlFor('owner', 'walk'))
    const after = await catalogue(admin)
    await admin.end()

    expect(after).toEqual(before)
  })
})
