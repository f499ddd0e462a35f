import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Project } from '../../scripts/cli/project/project.ts'
import { cronStep } from '../../scripts/cli/steps/extensions.ts'
import { scheduleStep } from '../../scripts/cli/steps/schedule.ts'
import { until } from '../support/until.ts'
import { ownerOf } from './server.ts'

const real = inject('real')
const ask = (client: pg.Client) => {
  const query = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows
  return { query, change: query }
}
const has = (name: 'net' | 'vault' | 'cron') => real?.installed[name] === 'real'

describe.skipIf(!real)('beside real extensions', () => {
  let admin: pg.Client
  let owner: pg.Client
  const value = async (sql: string, values: unknown[] = []) =>
    Object.values((await owner.query(sql, values)).rows[0])[0]

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: real!.adminUrl })
    owner = new pg.Client({ connectionString: ownerOf(real!.adminUrl) })
    await Promise.all([admin.connect(), owner.connect()])
  })
  afterAll(() => Promise.all([admin?.end(), owner?.end()]))

  test('the owner is no superuser', async () => {
    expect(await value(`select current_setting('is_superuser')`)).toBe('off')
  })

  describe.skipIf(!has('cron'))('pg_cron', () => {
    test('its schema can be made by nobody: the extension must be made without that', async () => {
      await expect(owner.query('create schema if not exists pg_catalog')).rejects.toMatchObject({ code: '42939' })
    })

    test('takes seconds from 1.5 on, and refuses them before', async () => {
      const version = await value(`select extversion from pg_extension where extname = 'pg_cron'`)
      const seconds = owner.query(`select cron.schedule('supaqueue_try', '10 seconds', 'select 1')`)
      if (version === '1.4-1' || version === '1.4') await expect(seconds).rejects.toThrow('invalid schedule')
      else await seconds.then(() => owner.query(`select cron.unschedule('supaqueue_try')`))
    })

    test('is enabled by the step of the installer, and then gets a schedule that it knows', async () => {
      await admin.query('drop extension pg_cron')
      const ofAdmin = { db: ask(admin), note: () => {} } as unknown as Project
      // On the platform the owner may; on this server only a superuser may.
      expect(await cronStep.isInPlace(ofAdmin)).toBe(false)
      expect(await cronStep.putInPlace({ db: ask(owner) } as unknown as Project)).toMatch(
        /cannot be enabled: permission denied/,
      )
      expect(await cronStep.putInPlace(ofAdmin)).toBeUndefined()
      expect(await cronStep.isInPlace(ofAdmin)).toBe(true)
      await admin.query(`grant usage on schema cron to postgres;
        grant execute on all functions in schema cron to postgres;
        grant select on cron.job to postgres; grant all on cron.job_run_details to postgres`)

      const ofOwner = { db: ask(owner), note: () => {} } as unknown as Project
      expect(await scheduleStep.putInPlace(ofOwner)).toBeUndefined()
      expect(await scheduleStep.isInPlace(ofOwner)).toBe(true)
      const version = Number.parseFloat(
        await value(`select extversion from pg_extension where extname = 'pg_cron'`) as string,
      )
      expect(await value(`select schedule from cron.job where jobname = 'supaqueue_sweep'`)).toBe(
        version < 1.5 ? '* * * * *' : '10 seconds',
      )
      expect(await scheduleStep.detail?.(ofOwner)).toMatch(version < 1.5 ? /in one run a minute/ : /every ten seconds/)
      expect(await scheduleStep.takeAway(ofOwner, { keepData: false })).toBe(true)
    })

    test('calls the sweep as the owner, who sees that it did', async () => {
      await owner.query(`select cron.schedule('supaqueue_sweep', '* * * * *', 'select supaqueue.sweep()')`)

      await until(() => value(`select exists (select from supaqueue.last_sweep) as swept`) as Promise<boolean>)
      await until(() =>
        value(`select exists (select from cron.job_run_details where status = 'succeeded') as noted`) as Promise<
          boolean
        >
      )

      await owner.query(`select cron.unschedule('supaqueue_sweep')`)
    })
  })

  describe.skipIf(!has('vault'))('Vault', () => {
    test('gives the owner the secret that wake-ups are signed with', async () => {
      expect(await value(`select decrypted_secret from vault.decrypted_secrets where name = 'supaqueue_secret'`)).toBe(
        'the-secret-of-the-tests',
      )
    })
  })

  describe.skipIf(!has('net'))('pg_net', () => {
    test('gets a wake-up for a job', async () => {
      await owner.query('begin')
      await owner.query(`insert into supaqueue.queue (name, edge_function_name) values ('real', 'hello')`)
      await owner.query(`insert into supaqueue.worker (queue) select id from supaqueue.queue where name = 'real'`)
      await owner.query(`insert into supaqueue.job (queue) select id from supaqueue.queue where name = 'real'`)
      await owner.query('set constraints all immediate')
      // Before the commit: its worker takes what is committed.
      expect(await value(`select count(*)::integer from net.http_request_queue where url like '%/supaqueue'`)).toBe(1)
      await owner.query('rollback')
    })

    test('has nothing posted while a stranger has a trigger there', async () => {
      await admin.query(`create function public.peek() returns trigger language plpgsql as $$ begin return new; end $$;
        create trigger zz before insert on net.http_request_queue for each row execute function public.peek()`)
      try {
        expect(await value('select supaqueue_internal.wake(gen_random_uuid())')).toBe(false)
      } finally {
        await admin.query('drop function public.peek() cascade')
      }
      expect(await value('select supaqueue_internal.wake(gen_random_uuid())')).toBe(true)
    })
  })
})
