import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CronScheduler, startCronScheduler } from '../../../../scripts/dev/standins/cron/scheduler.ts'
import { refusal, standing, value } from '../support/standing.ts'
import { until } from '../../../support/until.ts'

describe('the stand-in for pg_cron', () => {
  let harness: Awaited<ReturnType<typeof standing>>
  let owner: pg.Client
  let scheduler: CronScheduler

  const runs = async () => {
    const { rows } = await owner.query('select * from cron.job_run_details order by runid')
    return rows
  }
  const count = (sql: string) => value<number>(owner, `select count(*)::integer from ${sql}`)

  beforeAll(async () => {
    harness = await standing(17)
    owner = await harness.connect(harness.postgres.ownerUrl)
    await owner.query('create table trace (role text, at timestamptz default clock_timestamp())')
  })
  afterAll(() => harness.close())

  beforeEach(async () => {
    scheduler = await startCronScheduler({ databaseUrl: harness.postgres.adminUrl })
  })
  afterEach(async () => {
    await scheduler.stop()
    const admin = await harness.connect(harness.postgres.adminUrl)
    await admin.query('truncate cron.job, cron.job_run_details, trace')
  })

  test('runs a job again and again as the user who scheduled it', async () => {
    await owner.query(`select cron.schedule('trace', '1 second', 'insert into trace (role) values (session_user)')`)

    await until(async () => await count('trace') >= 2)

    expect(await value(owner, 'select array_agg(distinct role) from trace')).toEqual(['postgres'])
    expect(await until(async () => (await runs()).find(({ status }) => status === 'succeeded'))).toMatchObject({
      username: 'postgres',
      database: 'postgres',
      return_message: 'INSERT 0 1',
      job_pid: expect.any(Number),
      start_time: expect.any(Date),
      end_time: expect.any(Date),
    })
  })

  test('runs a job at once when asked, and writes down what it returned', async () => {
    await owner.query(`select cron.schedule('two', '0 0 1 1 *', 'select 1; select generate_series(1, 2)')`)

    await scheduler.runNow('two')

    expect(await runs()).toMatchObject([{ status: 'succeeded', return_message: '2 rows' }])
  })

  test('writes down why a job failed, and says so to whoever asked for it', async () => {
    await owner.query(`select cron.schedule('broken', '0 0 1 1 *', 'select 1 / 0')`)

    await expect(scheduler.runNow('broken')).rejects.toMatchObject({ code: 'SQ500' })

    expect(await runs()).toMatchObject([{ status: 'failed', return_message: 'ERROR:  division by zero' }])
  })

  test('updates a job that is scheduled again under its name', async () => {
    const first = await value(owner, `select cron.schedule('j', '10 seconds', 'select 1')`)
    const second = await value(owner, `select cron.schedule('j', '*/5 1-3,7 * * 0', 'select 2')`)

    expect(second).toBe(first)
    expect((await owner.query('select * from cron.job')).rows).toMatchObject([
      { jobname: 'j', schedule: '*/5 1-3,7 * * 0', command: 'select 2', active: true, username: 'postgres' },
    ])
  })

  test.each(['60 seconds', '0 seconds', '* * * *', '61 * * * *', '5-3 * * * *', '*/0 * * * *', '* * 0 * *', ''])(
    'refuses the schedule "%s"',
    async (schedule) => {
      expect(await refusal(owner, `select cron.schedule('j', $1, 'select 1')`, [schedule])).toEqual({
        code: '22023',
        message: `invalid schedule: ${schedule}`,
      })
    },
  )

  test('lets postgres read its jobs, and change them by the functions only', async () => {
    const id = await value(owner, `select cron.schedule('j', '0 0 1 1 *', 'select 1')`)

    expect(await refusal(owner, 'update cron.job set active = false')).toMatchObject({ code: '42501' })
    expect(await refusal(owner, 'delete from cron.job')).toMatchObject({ code: '42501' })
    await owner.query(`select cron.alter_job($1, active => false, command => 'select 3')`, [id])
    expect((await owner.query('select * from cron.job')).rows).toMatchObject([{ active: false, command: 'select 3' }])
    await owner.query(`select cron.unschedule('j')`)
    expect(await count('cron.job')).toBe(0)
  })

  test('knows no job that is not there', async () => {
    expect(await refusal(owner, `select cron.unschedule('gone')`)).toMatchObject({
      message: `could not find valid entry for job 'gone'`,
    })
    await expect(scheduler.runNow('gone')).rejects.toMatchObject({ code: 'SQ404' })
  })

  test.each(['anon', 'authenticated', 'service_role'])('is closed to %s', async (role) => {
    const client = await harness.connect(harness.postgres.ownerUrl)
    await client.query(`set role ${role}`)

    expect(await refusal(client, `select cron.schedule('j', '1 second', 'select 1')`)).toMatchObject({ code: '42501' })
    expect(await refusal(client, `select * from cron.job`)).toMatchObject({ code: '42501' })
  })

  test('shows a user the jobs of that user only', async () => {
    const admin = await harness.connect(harness.postgres.adminUrl)
    // What a first try has left is its own.
    const somebody = `somebody_${randomUUID().replaceAll('-', '')}`
    await admin.query(`create role ${somebody}; grant usage on schema cron to ${somebody}`)
    await owner.query(`select cron.schedule('j', '0 0 1 1 *', 'select 1')`)
    await admin.query(`set role ${somebody}`)

    expect(await value(admin, 'select count(*)::integer from cron.job')).toBe(0)
    await admin.query(`reset role; revoke usage on schema cron from ${somebody}; drop role ${somebody}`)
  })

  test('goes on after a crash of the database, and closes the run that was lost', async () => {
    await owner.query('begin; lock trace')
    const other = await harness.connect(harness.postgres.ownerUrl)
    await other.query(`select cron.schedule('slow', '1 second', 'insert into trace (role) values (1)')`)
    await until(() => value(other, `select exists (select from cron.job_run_details where status = 'running')`))
    await harness.postgres.stop('immediate')
    await harness.postgres.start()
    owner = await harness.connect(harness.postgres.ownerUrl)

    await until(async () => await count('trace') >= 1)

    expect((await runs())[0]).toMatchObject({ status: 'failed', return_message: 'server restarted' })
  })
})
