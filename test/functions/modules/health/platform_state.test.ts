import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { makeHealthy } from './healthy.ts'

const state = 'select supaqueue_internal.platform_state() as it'

test('says what Vault, pg_net and pg_cron are like, without the secret', async ({ database, harness }) => {
  await makeHealthy(database, harness)

  expect((await harness.db.query(state)).rows[0].it).toMatchObject({
    vault: { there: true, named: true, fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) },
    net: { there: true, worker: true, waiting: expect.any(Number), fault: null },
    cron: { there: true, scheduled: true, active: true },
  })
})

test('is told where there is neither', async ({ database, harness }) => {
  const admin = await database.connect('admin')
  await admin.query('drop schema vault cascade; drop schema cron cascade; drop schema net cascade')

  expect((await harness.db.query(state)).rows[0].it).toEqual({
    vault: { there: false },
    net: { there: false },
    cron: { there: false },
  })
})
