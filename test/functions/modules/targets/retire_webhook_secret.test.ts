import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

test('there is nothing to retire before a rotation', async ({ ownDatabase }) => {
  const owner = harnessOf(await ownDatabase.connect('owner'))
  const queue = await owner.queue({ url: 'https://api.example.com/' })

  const { rows } = await owner.db.query('select supaqueue_internal.retire_webhook_secret($1) as retired', [queue])

  expect(rows).toEqual([{ retired: false }])
})
