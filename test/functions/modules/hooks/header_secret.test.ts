import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for([
  ['mail', 'Authorization', 'mail_authorization'],
  ['mail', 'X-Shop-Key', 'mail_x_shop_key'],
  ["Bo's queue", 'x', "Bo's queue_x"],
])('header_secret of %s, %s', async ([queue, header, name], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.header_secret($1, $2) as name', [queue, header])

  expect(rows).toEqual([{ name }])
})
