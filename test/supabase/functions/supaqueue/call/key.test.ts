import { describe, expect, test } from 'vitest'
import { chooseKey, isJwt } from '../../../../../supabase/functions/supaqueue/call/key.ts'

describe('the key', () => {
  const legacy = { SUPABASE_SERVICE_ROLE_KEY: 'eyJ' }

  test.each([
    [
      'the default one',
      { ...legacy, SUPABASE_SECRET_KEYS: '{"mine":"sb_secret_m","default":"sb_secret_d"}' },
      'sb_secret_d',
    ],
    [
      'else the first',
      { ...legacy, SUPABASE_SECRET_KEYS: '{"mine":"sb_secret_m","other":"sb_secret_o"}' },
      'sb_secret_m',
    ],
    [
      'else the single one',
      { ...legacy, SUPABASE_SECRET_KEYS: '{}', SUPABASE_SECRET_KEY: 'sb_secret_s' },
      'sb_secret_s',
    ],
    ['else the legacy one', { ...legacy, SUPABASE_SECRET_KEYS: '' }, 'eyJ'],
    ['the legacy one when the others cannot be read', { ...legacy, SUPABASE_SECRET_KEYS: '{"default":' }, 'eyJ'],
    ['none when there is none', {}, undefined],
  ])('is %s', (_, env, key) => {
    expect(chooseKey(env)).toBe(key)
  })

  test('is a JWT unless it is of the new kind, whatever variable held it', () => {
    expect([isJwt('eyJhbGciOi'), isJwt('sb_secret_1'), isJwt('sb_publishable_1')]).toEqual([true, false, false])
  })
})
