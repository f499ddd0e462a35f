import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for([
  ['key', 'a', '=a'],
  ['key', '', '='],
  ['key', '#7', '=#7'],
  ['key', null, '#7'],
  ['queue', 'a', ''],
  ['queue', null, ''],
  [null, 'a', null],
])('ordered %s: a job with the key %s stands in the line %s', async ([ordered, key, line], { harness }) => {
  const { rows: [row] } = await harness.db.query(`select supaqueue_internal.line_of($1, $2, 7) as line`, [ordered, key])

  expect(row.line).toBe(line)
})
