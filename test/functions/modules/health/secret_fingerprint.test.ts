import { expect } from 'vitest'
import { SECRET } from '../../../support/cluster.ts'
import { test } from '../../../support/own.ts'

const fingerprint = 'select supaqueue_internal.secret_fingerprint() as it'

test('tells one secret from another, without telling it', async ({ harness }) => {
  const before = (await harness.db.query(fingerprint)).rows[0].it
  await harness.db.query(
    `select vault.update_secret(id, 'another-secret-of-the-tests') from vault.secrets where name = 'supaqueue_secret'`,
  )
  const after = (await harness.db.query(fingerprint)).rows[0].it

  expect(before).toMatch(/^[0-9a-f]{8}$/)
  expect(after).toMatch(/^[0-9a-f]{8}$/)
  expect(after).not.toBe(before)
  expect(SECRET).not.toContain(before)
})

test('is null without a secret', async ({ harness }) => {
  await harness.db.query(`delete from vault.secrets where name = 'supaqueue_secret'`)

  expect((await harness.db.query(fingerprint)).rows[0].it).toBeNull()
})
