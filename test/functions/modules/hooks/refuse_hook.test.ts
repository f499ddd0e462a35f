import { expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('refuse_hook names the hooks that there are', async ({ another, harness }) => {
  const refused = async () => await refusal(harness.db.query(`select supaqueue_internal.refuse_hook('nothing')`))
  expect(await refused()).toMatchObject({
    code: 'SQ404',
    hint: expect.stringContaining('supaqueue.on_change makes one'),
  })

  const { name } = await hooked(await another('owner'))

  expect(await refused()).toMatchObject({
    code: 'SQ404',
    hint: expect.stringContaining(`Is it one of these: '${name}'?`),
  })
})
