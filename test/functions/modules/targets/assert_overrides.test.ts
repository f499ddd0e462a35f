import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

// What it refuses, one by one, by who calls it: check_changed_job.test.ts.
test('assert_overrides takes a job that has nothing of its own, and refuses what cannot be', async ({ another }) => {
  const { db } = await another('admin')
  const assert = 'select supaqueue_internal.assert_overrides(jsonb_populate_record(null::supaqueue.job, $1))'

  expect((await db.query(assert, ['{}'])).rowCount).toBe(1)
  expect(await refusal(db.query(assert, ['{"max_attempts": 0}']))).toMatchObject({
    code: 'SQ422',
    message: 'max_attempts is at least 1',
  })
})
