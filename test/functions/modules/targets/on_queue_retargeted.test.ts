import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

test('a queue that calls a URL from now on has the secret that signs its calls', async ({ ownDatabase }) => {
  const harness = harnessOf(await ownDatabase.connect())
  const found = async () =>
    (await harness.db.query(`select from vault.secrets where name like 'supaqueue_webhook_secret%'`)).rowCount
  const queue = await harness.queue()
  await harness.update('queue', queue, { max_attempts: 5, url: null })
  const before = await found()

  await harness.update('queue', queue, { edge_function_name: null, url: 'https://api.example.com/hook' })

  expect([before, await found()]).toEqual([0, 1])
})
