import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('has the same fields, whatever is given', async ({ harness }) => {
  const { rows } = await harness.db.query(`select supaqueue_internal.finding('a', 'info', 'text') as it`)

  expect(rows[0].it).toEqual({ code: 'a', severity: 'info', text: 'text', remedy: null, since: null, queue: null })
})
