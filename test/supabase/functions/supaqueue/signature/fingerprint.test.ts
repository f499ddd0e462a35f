import { expect } from 'vitest'
import { fingerprintOf } from '../../../../../supabase/functions/supaqueue/signature/fingerprint.ts'
import { SECRET } from '../../../../support/cluster.ts'
import { test } from '../../../../support/harness.ts'

test('the fingerprint of a secret is the one that the database makes of it', async ({ harness }) => {
  const { rows: [vault] } = await harness.db.query('select supaqueue_internal.secret_fingerprint() as fingerprint')

  expect(await fingerprintOf(SECRET)).toBe(vault.fingerprint)
  expect(vault.fingerprint).toMatch(/^[0-9a-f]{8}$/)
})
