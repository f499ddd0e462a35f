import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

test('says of which table a row was left as it was, and what to do', async ({ harness }) => {
  expect(await refusal(harness.db.query(`select supaqueue_internal.refuse_unwritten('supaqueue.job')`))).toMatchObject({
    code: 'SQ409',
    message: 'a trigger or a rule on supaqueue.job left a row as it was',
    hint: expect.stringContaining('return new'),
  })
})
