import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const changed = 'select * from supaqueue_internal.changed_fields($1, $2)'

test('says what has changed, and no more', async ({ harness }) => {
  const { rows } = await harness.db.query(changed, ['{"a": 1, "b": 2, "c": null}', '{"a": 1, "b": 3, "c": null}'])

  expect(rows).toEqual([{ before: { b: 2 }, after: { b: 3 } }])
})

test('shows no value of a header, and no parameter of a URL', async ({ harness }) => {
  const { rows } = await harness.db.query(changed, [
    '{"url": "https://a.example.com/?key=quiet", "default_headers": {"authorization": "quiet"}}',
    '{"url": "https://b.example.com/?key=quiet", "default_headers": {"x-key": "quiet"}}',
  ])

  expect(rows).toEqual([{
    before: { url: 'https://a.example.com/?…', default_headers: { authorization: '…' } },
    after: { url: 'https://b.example.com/?…', default_headers: { 'x-key': '…' } },
  }])
})

test('of a row that came or went, all that it has', async ({ harness }) => {
  expect((await harness.db.query(changed, [null, '{"a": 1, "b": null}'])).rows).toEqual([{
    before: null,
    after: { a: 1 },
  }])
  expect((await harness.db.query(changed, ['{"a": 1}', null])).rows).toEqual([{ before: { a: 1 }, after: null }])
})
