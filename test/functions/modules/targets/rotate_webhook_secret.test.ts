import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const url = 'https://api.example.com/'

test('a queue gets another secret, and signs with both until the first is retired', async ({ ownDatabase }) => {
  const owner = harnessOf(await ownDatabase.connect('owner'))
  const harness = harnessOf(await ownDatabase.connect())
  const queue = await owner.queue({ url, workers: 3 })
  await owner.jobs(queue, 3)
  const signing = async () => {
    await harness.jobs(queue, 1)
    const { secrets } = await harness.turn(randomUUID(), queue, { room: 1 })
    return Object.entries(secrets!).sort().map(([, secret]) => secret)
  }
  const [first] = await signing()

  await owner.db.query('select supaqueue_internal.rotate_webhook_secret($1)', [queue])

  const both = await signing()
  expect(both).toEqual([expect.stringMatching(/^whsec_/), first])
  expect(both[0]).not.toBe(first)
  expect(await refusal(owner.db.query('select supaqueue_internal.rotate_webhook_secret($1)', [queue]))).toMatchObject({
    code: 'SQ409',
    hint: expect.stringContaining('retire_webhook_secret'),
  })

  await owner.db.query('select supaqueue_internal.retire_webhook_secret($1)', [queue])
  expect(await signing()).toEqual([both[0]])
})

test('a queue without a secret of its own has none to exchange', async ({ ownDatabase }) => {
  const owner = harnessOf(await ownDatabase.connect('owner'))
  for (const settings of [{}, { url, signing_secrets: ['mine'] }]) {
    const queue = await owner.queue(settings)
    const rotated = owner.db.query('select supaqueue_internal.rotate_webhook_secret($1)', [queue])
    expect(await refusal(rotated)).toMatchObject({ code: 'SQ422' })
  }
})
