import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('has the same fields, whatever is given', async ({ house }) => {
  const { rows } = await house.db.query(`select supaqueue_internal.finding('a', 'info', 'text') as it`)

  expect(rows[0].it).toEqual({ code: 'a', severity: 'info', text: 'text', remedy: null, since: null, queue: null })
})
