import { expect } from 'vitest'
import { failedJob, fingerprintOf, retryFailures } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'
import { acts } from '../audit/acts.ts'

test('who retries, tries or copies failed jobs is written down, with how many and of what', async ({ house }) => {
  const queue = await house.queue()
  for (let n = 0; n < 2; n++) await failedJob(house, queue)
  const kind = fingerprintOf('no user')
  const before = (await acts(house, queue)).length

  await house.db.query('select supaqueue.canary($1, $2, 1)', [queue, kind])
  await retryFailures(house, queue, kind, 0)
  await retryFailures(house, queue, null, null, 5)
  await failedJob(house, queue)
  await house.db.query('select supaqueue.reprocess($1)', [queue])

  expect((await acts(house, queue)).slice(before)).toMatchObject([
    { act: 'try failed jobs', jobs: 1, after: { filter: { fingerprint: kind } } },
    { act: 'retry failed jobs', jobs: 1, after: { per_second: 5 } },
    { act: 'copy failed jobs', jobs: 1, after: null },
  ])
})
