import { expect } from 'vitest'
import { failedJob, fingerprintOf, retryFailures } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { acts } from '../audit/acts.ts'

test('who retries, tries or copies failed jobs is written down, with how many and of what', async ({ harness }) => {
  const queue = await harness.queue()
  for (let n = 0; n < 2; n++) await failedJob(harness, queue)
  const kind = fingerprintOf('no user')
  const before = (await acts(harness, queue)).length

  await harness.db.query('select supaqueue.canary($1, $2, 1)', [queue, kind])
  await retryFailures(harness, queue, kind, 0)
  await retryFailures(harness, queue, null, null, 5)
  await failedJob(harness, queue)
  await harness.db.query('select supaqueue.reprocess($1)', [queue])

  expect((await acts(harness, queue)).slice(before)).toMatchObject([
    { act: 'try failed jobs', jobs: 1, after: { filter: { fingerprint: kind } } },
    { act: 'retry failed jobs', jobs: 1, after: { per_second: 5 } },
    { act: 'copy failed jobs', jobs: 1, after: null },
  ])
})
