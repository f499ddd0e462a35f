import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

test('writes down what was answered, and forgets the wake-up', async ({ harness }) => {
  await answered(harness, await posted(harness), 401, '{"code": "SQ401", "message": "wrong", "hint": "do"}')
  await harness.sweep()
  await harness.db.query('delete from net._http_response')

  const { rows: [row] } = await harness.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ refusals: 1, status: 401, code: 'SQ401', message: 'wrong', hint: 'do' })
  expect((await harness.db.query('select from supaqueue.wake_up')).rowCount).toBe(0)
})

test('counts each refusal once, however many sweeps see it', async ({ harness }) => {
  await answered(harness, await posted(harness), 401, '{}')
  await harness.sweep()
  await answered(harness, await posted(harness), 401, '{}')
  await harness.sweep()
  await harness.sweep()

  expect((await harness.db.query('select refusals from supaqueue.dispatch')).rows).toEqual([{ refusals: 2 }])
})

test('notices that the secret in Vault has become another', async ({ harness }) => {
  await harness.sweep()
  await harness.db.query(
    `select vault.update_secret(id, 'another-secret-of-the-tests') from vault.secrets where name = 'supaqueue_secret'`,
  )
  await harness.sweep()
  await harness.sweep()

  const { rows } = await harness.db.query(`select before, after from supaqueue.audit where act = 'change secret'`)
  expect(rows).toHaveLength(1)
  expect(rows[0].before.fingerprint).not.toBe(rows[0].after.fingerprint)
})
