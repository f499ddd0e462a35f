import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

test('writes down what was answered, and forgets the wake-up', async ({ house }) => {
  await answered(house, await posted(house), 401, '{"code": "SQ401", "message": "wrong", "hint": "do"}')
  await house.sweep()
  await house.db.query('delete from net._http_response')

  const { rows: [row] } = await house.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ refusals: 1, status: 401, code: 'SQ401', message: 'wrong', hint: 'do' })
  expect((await house.db.query('select from supaqueue.wake_up')).rowCount).toBe(0)
})

test('counts each refusal once, however many sweeps see it', async ({ house }) => {
  await answered(house, await posted(house), 401, '{}')
  await house.sweep()
  await answered(house, await posted(house), 401, '{}')
  await house.sweep()
  await house.sweep()

  expect((await house.db.query('select refusals from supaqueue.dispatch')).rows).toEqual([{ refusals: 2 }])
})

test('notices that the secret in Vault has become another', async ({ house }) => {
  await house.sweep()
  await house.db.query(
    `select vault.update_secret(id, 'another-secret-of-the-tests') from vault.secrets where name = 'supaqueue_secret'`,
  )
  await house.sweep()
  await house.sweep()

  const { rows } = await house.db.query(`select before, after from supaqueue.audit where act = 'change secret'`)
  expect(rows).toHaveLength(1)
  expect(rows[0].before.fingerprint).not.toBe(rows[0].after.fingerprint)
})
