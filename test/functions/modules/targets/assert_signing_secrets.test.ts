import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const url = 'https://api.example.com/'

test.for([
  ['supaqueue_secret'],
  ['mine', 'supaqueue_secret'],
  [`supaqueue_webhook_secret_${randomUUID()}`],
  ['supaqueue_anything'],
])('a queue cannot sign with %j', async (signing_secrets, { harness }) => {
  expect(await refusal(harness.queue({ url, signing_secrets }))).toMatchObject({ code: 'SQ422' })
  const queue = await harness.queue({ url })
  expect(await refusal(harness.update('queue', queue, { signing_secrets }))).toMatchObject({ code: 'SQ422' })
})

test('a queue may sign with secrets of the user, with the shared one, or not at all', async ({ harness }) => {
  for (const signing_secrets of [['mine', 'older'], ['supaqueue_webhook_secret'], [], null]) {
    expect(await harness.queue({ url, signing_secrets })).toEqual(expect.any(String))
  }
})

test.for([
  'vault:supaqueue_secret',
  'vault:supaqueue_webhook_secret',
  `vault:supaqueue_webhook_secret_${randomUUID()}`,
  'vault:SUPAQUEUE_SECRET',
  'vault: supaqueue_secret',
])('a queue cannot send %s', async (value, { harness }) => {
  for (const target of [{ url }, {}]) {
    const refused = await refusal(harness.queue({ ...target, default_headers: { 'x-own': value } }))
    expect(refused).toMatchObject({ code: 'SQ422', message: expect.stringContaining('never sent') })
  }
})
