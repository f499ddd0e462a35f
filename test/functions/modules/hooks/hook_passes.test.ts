import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_passes asks what the hook was told, or nothing', async ({ another }) => {
  const owner = await another('owner')
  const passes = async (name: string) =>
    (await owner.db.query('select supaqueue_internal.hook_passes(hook) as sql from supaqueue.hook where name = $1', [
      name,
    ])).rows[0].sql

  expect(await passes((await hooked(owner)).name)).toBe('')
  expect(await passes((await hooked(owner, `"when" => 'true'`)).name)).toMatch(
    /^ and supaqueue_internal\.hook_\w+_when\(/,
  )
})
