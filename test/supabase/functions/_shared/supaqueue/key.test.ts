import { describe, expect, test } from 'vitest'
import { chooseKey, isJwt } from '../../../../../supabase/functions/_shared/supaqueue/key.ts'
import * as dispatcher from '../../../../../supabase/functions/supaqueue/call/key.ts'

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
  ])('out of %j is %s, and the dispatcher chooses the same', (env, key) => {
    expect(chooseKey((name) => env[name])).toBe(key)
    expect(dispatcher.chooseKey(env)).toBe(key)
  })

  test.each([['sb_secret_a'], ['eyJhbGciOiJIUzI1NiJ9.e30.x']])(
    '%s is a bearer token here if it is one there',
    (key) => {
      expect(isJwt(key)).toBe(dispatcher.isJwt(key))
    },
  )
})
