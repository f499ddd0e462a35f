import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['{"code": "SQ401"}', { code: 'SQ401' }],
    [' {"a": 1}', { a: 1 }],
    ['<html>', {}],
    ['{"a": ', {}],
    ['[1]', {}],
    [null, {}],
    [`{"a": "${'x'.repeat(10_000)}"}`, {}],
  ] as const,
)('%j is read as %j', async ([content, read], { harness }) => {
  expect((await harness.db.query('select supaqueue_internal.read_object($1) as it', [content])).rows[0].it).toEqual(
    read,
  )
})
