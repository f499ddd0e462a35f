import { describe, expect, test } from 'vitest'
import { SupaqueueError } from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { readSettings } from '../../../../../supabase/functions/supaqueue/settings/settings.ts'

const whole = {
  SUPABASE_URL: 'http://127.0.0.1:54321/',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1"}',
  SUPAQUEUE_SECRET: 'sixteen characters',
}

const refusal = (env: Record<string, string | undefined>): SupaqueueError => {
  try {
    readSettings(env)
  } catch (reason) {
    return reason as SupaqueueError
  }
  throw new Error('was not refused')
}

describe('the environment', () => {
  test('says where the project is, its key, and the secret', () => {
    expect(readSettings(whole)).toEqual({
      supabaseUrl: 'http://127.0.0.1:54321',
      functionsUrl: 'http://127.0.0.1:54321/functions/v1',
      key: 'sb_secret_1',
      secrets: ['sixteen characters'],
    })
  })

  test('may hold the previous secret beside the current one', () => {
    const { secrets } = readSettings({ ...whole, SUPAQUEUE_SECRET_PREVIOUS: 'the one before that' })

    expect(secrets).toEqual(['sixteen characters', 'the one before that'])
    expect(readSettings({ ...whole, SUPAQUEUE_SECRET_PREVIOUS: '' }).secrets).toEqual(['sixteen characters'])
  })

  test('may name the database, by a variable of our own and by no other', () => {
    const url = 'postgres://u:p@localhost/postgres'

    expect(readSettings({ ...whole, SUPABASE_DB_URL: url, SUPAQUEUE_DB_URL: '' }).direct).toBeUndefined()
    expect(readSettings({ ...whole, SUPAQUEUE_DB_URL: url }).direct).toEqual({ url, ca: undefined })
    expect(readSettings({ ...whole, SUPAQUEUE_DB_URL: url, SUPAQUEUE_DB_CA: 'PEM' }).direct).toEqual({ url, ca: 'PEM' })
  })

  test.each([
    ['SUPABASE_URL', { ...whole, SUPABASE_URL: undefined }],
    ['SUPABASE_URL', { ...whole, SUPABASE_URL: 'ftp://somewhere' }],
    ['SUPAQUEUE_SECRET', { ...whole, SUPAQUEUE_SECRET: undefined }],
    ['SUPAQUEUE_SECRET', { ...whole, SUPAQUEUE_SECRET: 'short' }],
    ['SUPAQUEUE_SECRET_PREVIOUS', { ...whole, SUPAQUEUE_SECRET_PREVIOUS: 'short' }],
    ['SUPABASE_SECRET_KEYS', { ...whole, SUPABASE_SECRET_KEYS: undefined }],
  ])('is refused with a message that names %s, and a hint', (name, env) => {
    const { code, message, hint } = refusal(env)

    expect({ code, hint }).toMatchObject({ code: 'SQ500', hint: expect.stringContaining('installer') })
    expect(message).toContain(`${name} `)
  })

  test('is never quoted', () => {
    expect(refusal({ ...whole, SUPAQUEUE_SECRET: 'tooshort' }).message).not.toContain('tooshort')
  })
})
