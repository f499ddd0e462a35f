import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['default_headers', { a: 'quiet' }, { a: '…' }],
    ['headers', {}, {}],
    ['query', { key: 'quiet' }, { key: '…' }],
    ['url', 'https://a.example.com/path?key=quiet', 'https://a.example.com/path?…'],
    ['url', 'https://a.example.com/path', 'https://a.example.com/path'],
    ['paused', true, true],
    ['url', null, null],
  ] as const,
)('%s %j is shown as %j', async ([name, value, shown], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.without_secrets($1, $2) as it', [
    name,
    JSON.stringify(value),
  ])
  expect(rows[0].it).toEqual(shown)
})
