import { expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { retryWhere } from './bulk.ts'

const find = 'select act, to_jsonb(jobs) as jobs from supaqueue_internal.find_bulk($1)'

test('finds what was done, and refuses what was not', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)
  const { action } = await retryWhere(harness, { queue })

  expect((await harness.db.query(find, [action])).rows).toEqual([{ act: 'retry', jobs: [job] }])
  expect(await refusal(harness.db.query(find, [action! + 1]))).toMatchObject({ code: 'SQ404' })
})
