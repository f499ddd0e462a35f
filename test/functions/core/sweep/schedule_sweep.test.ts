import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

const schedule = async (owner: { db: { query(sql: string): Promise<{ rows: { scheduled: boolean }[] }> } }) =>
  (await owner.db.query('select supaqueue_internal.schedule_sweep() as scheduled')).rows[0]!.scheduled

describe('schedule_sweep', () => {
  test('has pg_cron sweep every ten seconds, once, however often it is called', async ({ another }) => {
    const owner = await another('owner')

    expect(await schedule(owner)).toBe(true)
    expect(await schedule(owner)).toBe(true)

    const { rows } = await owner.db.query('select jobname, schedule, command, active from cron.job')
    expect(rows).toEqual([
      { jobname: 'supaqueue_sweep', schedule: '10 seconds', command: 'select supaqueue.sweep()', active: true },
    ])
  })

  test('schedules what can be run', async ({ another }) => {
    const owner = await another('owner')
    const { rows: [{ command }] } = await owner.db.query('select command from cron.job')

    expect((await owner.db.query(command)).rows).toHaveLength(1)
  })

  test('sweeps six times in one run a minute where pg_cron knows no seconds, as before 1.5, and commits after each', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    await admin.db.query(`create or replace function cron._expect_schedule(schedule text) returns void
      language plpgsql immutable as $$
      begin
        if schedule ~ 'second' then
          raise exception using errcode = 'invalid_parameter_value', message = format('invalid schedule: %s', schedule);
        end if;
      end $$`)
    const owner = harnessOf(await ownDatabase.connect('owner'))

    expect(await schedule(owner)).toBe(true)
    const { rows } = await owner.db.query('select jobname, schedule, command from cron.job')
    expect(rows).toMatchObject([{ jobname: 'supaqueue_sweep', schedule: '* * * * *' }])

    await owner.db.query('create table public.swept (at xid8)')
    await owner.db.query(
      `create or replace function supaqueue.sweep(most integer default 1000, out leases_lost integer, out queues_woken integer)
      language plpgsql as $$ begin insert into public.swept values (pg_current_xact_id()); end $$`,
    )
    // Without the pauses between them.
    await owner.db.query(rows[0].command.replace('pg_sleep(9.5)', 'pg_sleep(0)'))

    const { rows: [swept] } = await owner.db.query(
      'select count(*)::integer as sweeps, count(distinct at)::integer as transactions from public.swept',
    )
    expect(swept).toEqual({ sweeps: 6, transactions: 6 })
  })

  test('says so where pg_cron is not there', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    await admin.db.query('drop schema cron cascade')

    expect(await schedule(harnessOf(await ownDatabase.connect('owner')))).toBe(false)
  })
})
