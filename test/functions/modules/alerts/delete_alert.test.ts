import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { rule } from './alerts.ts'

test('a rule that is deleted takes along what is wrong by it', async ({ house }) => {
  const told = await house.queue()
  const id = await rule(house, 'gone soon', 'failed_more_than', 5, told)
  await house.db.query(
    `insert into supaqueue.alert (rule, subject, text) values ($1, 'mail', 'of a test')`,
    [id],
  )

  const { rows } = await house.db.query(`select supaqueue.delete_alert('gone soon') as id`)

  expect(rows).toEqual([{ id }])
  expect((await house.db.query('select from supaqueue.alert where rule = $1', [id])).rows).toEqual([])
})
