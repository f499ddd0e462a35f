import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const url = 'https://api.example.com/'

test.for(
  [
    [{ url, default_headers: { 'x-team': 'mail' } }, false],
    [{ url, default_headers: { 'x-team': 'vault:team' } }, true],
    [{ url, default_headers: { Authorization: 'Bearer x' } }, true],
    [{ url, default_headers: { 'X-Api-Key': 'x' } }, true],
    [{ url, default_headers: { cookie: 'a=b' } }, true],
    [{ default_headers: { authorization: 'Bearer x' } }, false],
  ] as const,
)('a queue of %j sends a credential: %s', async ([settings, sends], { harness }) => {
  const queue = await harness.queue(settings)

  const { rows } = await harness.db.query(
    'select supaqueue_internal.sends_credential(queue) as sends from supaqueue.queue where id = $1',
    [queue],
  )

  expect(rows).toEqual([{ sends }])
})
