import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('says in how many milliseconds the backlog is empty, whatever intervals look like in the session', async ({ harness }) => {
  for (const style of ['postgres', 'iso_8601', 'sql_standard', 'postgres_verbose']) {
    await harness.db.query(`select set_config('IntervalStyle', $1, false)`, [style])

    const { rows: [{ shown }] } = await harness.db.query(
      `select supaqueue_internal.describe_queue(
         to_jsonb(overview) , overview.empty_in
       ) as shown
       from (select 'q'::text as queue, 'mails'::text as name, interval '1 day 90 seconds' as empty_in) as overview`,
    )

    expect(shown, style).toEqual({ id: 'q', name: 'mails', empty_in_ms: 86_490_000 })
  }
})

test('has null while the backlog does not shrink', async ({ harness }) => {
  const { rows: [{ shown }] } = await harness.db.query(
    `select supaqueue_internal.describe_queue('{"queue": "q", "empty_in": null}', null) as shown`,
  )

  expect(shown).toEqual({ id: 'q', empty_in_ms: null })
})
