import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('switch_hook says whether the hook captured, and since when it does not', async ({ another, harness }) => {
  const photos = await hooked(await another('owner'))
  const say = async (enabled: boolean) =>
    (await harness.db.query('select supaqueue_internal.switch_hook($1, $2) as said', [photos.name, enabled])).rows[0]
      .said

  const first = await say(false)
  const second = await say(false)

  expect(first).toEqual({ was: true, since: expect.any(String) })
  expect(second).toEqual({ was: false, since: first.since })
  expect(await say(true)).toEqual({ was: false, since: null })
  expect(await say(true)).toEqual({ was: true, since: null })
})
