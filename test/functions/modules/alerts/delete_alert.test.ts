import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { rule } from './alerts.ts'

test('a rule that is deleted takes along what is wrong by it', async ({ harness }) => {
  const told = await harness.queue()
  const id = await rule(harness, 'gone soon', 'failed_more_than', 5, told)
  await harness.db.query(
    `insert into supaqueue.alert (rule, subject, text) values ($1, 'mail', 'of a test')`,
    [id],
  )

  const { rows } = await harness.db.query(`select supaqueue.delete_alert('gone soon') as id`)

  expect(rows).toEqual([{ id }])
  expect((await harness.db.query('select from supaqueue.alert where rule = $1', [id])).rows).toEqual([])
})
