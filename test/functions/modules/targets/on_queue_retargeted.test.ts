import { expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'

test('a queue that calls a URL from now on has the secret that signs its calls', async ({ ownDatabase }) => {
  const house = houseOf(await ownDatabase.connect())
  const found = async () =>
    (await house.db.query(`select from vault.secrets where name like 'supaqueue_webhook_secret%'`)).rowCount
  const queue = await house.queue()
  await house.update('queue', queue, { max_attempts: 5, url: null })
  const before = await found()

  await house.update('queue', queue, { edge_function_name: null, url: 'https://api.example.com/hook' })

  expect([before, await found()]).toEqual([0, 1])
})
