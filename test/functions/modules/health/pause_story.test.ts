import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('says until when, by whom, since when and why', async ({ harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  await harness.db.query(
    `select set_config('supaqueue.person', 'Jo', false), set_config('application_name', 'psql', false)`,
  )
  await harness.db.query(`select supaqueue.pause('mail', clock_timestamp() + interval '3 hours', 'the bank is closed')`)

  const { rows: [{ it }] } = await harness.db.query('select supaqueue_internal.pause_story($1) as it', [queue])

  expect(it.text).toMatch(/^paused for another 3 h, by Jo \(psql\) 0\.\d s ago, because the bank is closed$/)
  expect(it).toMatchObject({ by: 'Jo', since: expect.any(String) })
})

test('and less where nobody remembers', async ({ database, harness }) => {
  const queue = await harness.queue({ paused: true })
  await (await database.connect('owner')).query('delete from supaqueue.audit')

  const { rows: [{ it }] } = await harness.db.query('select supaqueue_internal.pause_story($1) as it', [queue])

  expect(it).toEqual({ text: 'paused until it is resumed', since: null, by: null })
})

test('and that its end is over, where the sweep has not come yet', async ({ harness }) => {
  const queue = await harness.queue({ paused: true })
  await harness.db.query(
    `update supaqueue.queue set paused_until = clock_timestamp() - interval '20 seconds' where id = $1`,
    [queue],
  )

  const { rows: [{ it }] } = await harness.db.query('select supaqueue_internal.pause_story($1) as it', [queue])

  expect(it.text).toMatch(/^paused \(its time ended \d+ s ago; the next sweep resumes it\)/)
})
