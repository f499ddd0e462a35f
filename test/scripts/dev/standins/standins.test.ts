import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCronScheduler } from '../../../../scripts/dev/standins/cron/scheduler.ts'
import { startNetWorker } from '../../../../scripts/dev/standins/net/worker.ts'
import { installStandIns } from '../../../../scripts/dev/standins/standins.ts'
import { receiver } from '../support/receiver.ts'
import { standing, value, versions } from '../support/standing.ts'
import { until } from '../../../support/until.ts'

describe.each(versions)('the stand-ins together, PostgreSQL %i', (version) => {
  let harness: Awaited<ReturnType<typeof standing>>

  beforeAll(async () => {
    harness = await standing(version)
  })
  afterAll(() => harness.close())

  test('stand in for what the server does not have', () => {
    expect(harness.installed).toEqual({ net: 'stand-in', vault: 'stand-in', cron: 'stand-in' })
  })

  test('work, each with what runs behind it', async () => {
    const { adminUrl, ownerUrl } = harness.postgres
    const owner = await harness.connect(ownerUrl)
    const target = await receiver()
    const net = await startNetWorker({ databaseUrl: adminUrl })
    const cron = await startCronScheduler({ databaseUrl: adminUrl })
    await owner.query(`select vault.create_secret($1, 'target')`, [target.url])
    await owner.query(`select cron.schedule('hourly', '0 0 1 1 *', $1)`, [
      `select net.http_post(decrypted_secret) from vault.decrypted_secrets where name = 'target'`,
    ])

    await cron.runNow('hourly')
    await until(() => value(owner, 'select exists (select from net._http_response where status_code = 200)'))

    expect(target.received).toMatchObject([{ method: 'POST', body: '{}' }])
    await Promise.all([cron.stop(), net.stop(), target.close()])
    await owner.query('delete from vault.secrets')
  })

  test('can be installed again without losing anything', async () => {
    const owner = await harness.connect(harness.postgres.ownerUrl)
    await owner.query(`select vault.create_secret('kept'), cron.schedule('kept', '0 0 1 1 *', 'select 1')`)
    await owner.query(`select net.http_post('http://127.0.0.1')`)

    await installStandIns(harness.postgres.adminUrl)

    expect(await value(owner, 'select decrypted_secret from vault.decrypted_secrets')).toBe('kept')
    expect(await value(owner, `select jobname from cron.job where jobname = 'kept'`)).toBe('kept')
    expect(await value(owner, 'select count(*)::integer from net.http_request_queue')).toBe(1)
  })

  test('belong to supabase_admin, as the originals do', async () => {
    const admin = await harness.connect(harness.postgres.adminUrl)

    expect(
      await value(
        admin,
        `select array_agg(distinct owner::regrole::text)
        from (
          select relowner as owner, relnamespace as schema from pg_class
          union all
          select proowner, pronamespace from pg_proc
        ) as thing
        where schema in ('net'::regnamespace, 'vault'::regnamespace, 'cron'::regnamespace)`,
      ),
    ).toEqual(['supabase_admin'])
  })

  test('work in a database copied from one that has them', async () => {
    await harness.postgres.createDatabase('model')
    await installStandIns(harness.postgres.urlFor('admin', 'model'))
    await harness.postgres.createDatabase('copy', 'model')
    const owner = await harness.connect(harness.postgres.urlFor('owner', 'copy'))

    await owner.query(`select vault.create_secret('there')`)

    expect(await value(owner, 'select decrypted_secret from vault.decrypted_secrets')).toBe('there')
  })
})
