import { describe, expect, test } from 'vitest'
import { chooseKey, isJwt, projectKeys } from '../../../../../supabase/functions/_shared/supaqueue/key.ts'

describe('the key of the project', () => {
  test.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [
      { SUPABASE_SECRET_KEYS: '{"a":"sb_secret_a","default":"sb_secret_d"}', SUPABASE_SERVICE_ROLE_KEY: 'ey' },
      'sb_secret_d',
    ],
    [
      { SUPABASE_SECRET_KEYS: '{"a":"sb_secret_a","b":"sb_secret_b"}', SUPABASE_SECRET_KEY: 'sb_secret_c' },
      'sb_secret_a',
    ],
    [{ SUPABASE_SECRET_KEY: 'sb_secret_c', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'sb_secret_c'],
    [{ SUPABASE_SECRET_KEYS: '', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
    [{ SUPABASE_SECRET_KEYS: '{', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
    [{ SUPABASE_SECRET_KEYS: 'null', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
    [{ SUPABASE_SECRET_KEYS: '["sb_secret_a"]', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
    [{ SUPABASE_SECRET_KEYS: '{"default":1}', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
    [{ SUPABASE_SECRET_KEYS: '{"default":""}', SUPABASE_SERVICE_ROLE_KEY: 'ey' }, 'ey'],
  ])('out of %j is %s', (env, key) => {
    expect(chooseKey((name) => env[name])).toBe(key)
  })

  test('comes before all others that the project has, each of which counts', () => {
    const env = (name: string) =>
      ({ SUPABASE_SECRET_KEYS: '{"a":"sb_secret_a","default":"sb_secret_d"}', SUPABASE_SERVICE_ROLE_KEY: 'ey' })[name]

    expect(projectKeys(env)).toEqual(['sb_secret_d', 'sb_secret_a', 'ey'])
  })

  test('is a JWT unless it is of the new kind, whatever variable held it', () => {
    expect([isJwt('eyJhbGciOi'), isJwt('sb_secret_1'), isJwt('sb_publishable_1')]).toEqual([true, false, false])
  })
})
