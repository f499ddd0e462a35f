import { describe, expect, test } from 'vitest'
import { readSettings } from '../../../../supabase/functions/supaqueue-api/settings.ts'

const SUPABASE_URL = 'https://ref.supabase.co/'

describe('the environment', () => {
  test('names the keys that may do all: every secret key and the legacy one; the default one calls the database', () => {
    const settings = readSettings({
      SUPABASE_URL,
      SUPABASE_SECRET_KEYS: '{"other": "sb_secret_other", "default": "sb_secret_default"}',
      SUPABASE_SERVICE_ROLE_KEY: 'jwt',
    })

    expect(settings).toEqual({
      supabaseUrl: 'https://ref.supabase.co',
      key: 'sb_secret_default',
      keys: ['sb_secret_default', 'sb_secret_other', 'jwt'],
    })
  })

  test('an empty key is none: nobody gets in by showing nothing', () => {
    expect(readSettings({ SUPABASE_URL, SUPABASE_SECRET_KEY: '', SUPABASE_SERVICE_ROLE_KEY: 'jwt' }).keys).toEqual([
      'jwt',
    ])
    expect(() => readSettings({ SUPABASE_URL, SUPABASE_SECRET_KEYS: '{"default": ""}' })).toThrow(
      /SUPABASE_SECRET_KEYS/,
    )
  })

  test.for(
    [
      ['SUPABASE_URL', { SUPABASE_SECRET_KEY: 'sb_secret_1' }],
      ['SUPABASE_SECRET_KEYS', { SUPABASE_URL }],
      ['SUPABASE_SECRET_KEYS', { SUPABASE_URL, SUPABASE_SECRET_KEYS: 'not json' }],
    ] as const,
  )('that lacks %s is refused with its name, and nothing of what was found', ([name, env]) => {
    expect(() => readSettings(env)).toThrow(name)
    expect(() => readSettings(env)).not.toThrow(/sb_secret_1|not json/)
  })
})
