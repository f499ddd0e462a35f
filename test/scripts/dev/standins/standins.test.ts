import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installStandIns } from '../../../../scripts/dev/standins/standins.ts'
import { standing, value, versions } from '../support/standing.ts'

describe.each(versions)('the stand-ins together, PostgreSQL %i', (version) => {
  let house: Awaited<ReturnType<typeof standing>>

  beforeAll(async () => {
    house = await standing(version)
  })
  afterAll(() => house.close())

  test('stand in for what the server does not have', () => {
    expect(house.installed).toEqual({ net: 'stand-in', vault: 'stand-in', cron: 'stand-in' })
  })

  test('can be installed again without losing anything', async () => {
    const owner = await house.connect(house.postgres.ownerUrl)
    await owner.query(`select vault.create_secret('kept'), cron.schedule('kept', '0 0 1 1 *', 'select 1')`)
    await owner.query(`select net.http_post('http://127.0.0.1')`)

    await installStandIns(house.postgres.adminUrl)

    expect(await value(owner, 'select decrypted_secret from vault.decrypted_secrets')).toBe('kept')
    expect(await value(owner, 'select count(*)::integer from cron.job')).toBe(1)
    expect(await value(owner, 'select count(*)::integer from net.http_request_queue')).toBe(1)
  })

  test('belong to supabase_admin, as the originals do', async () => {
    const admin = await house.connect(house.postgres.adminUrl)

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
    await house.postgres.createDatabase('model')
    await installStandIns(house.postgres.urlFor('admin', 'model'))
    await house.postgres.createDatabase('copy', 'model')
    const owner = await house.connect(house.postgres.urlFor('owner', 'copy'))

    await owner.query(`select vault.create_secret('there')`)

    expect(await value(owner, 'select decrypted_secret from vault.decrypted_secrets')).toBe('there')
  })
})
