import { expect } from 'vitest'
import { failedJob, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { acts } from '../audit/acts.ts'
import { discardWhere } from './bulk.ts'

test('makes the failed jobs that a filter fits cancelled, with their errors and times', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue, 'no user')
  const other = await failedJob(harness, queue, 'no paper')
  const before = await harness.jobRow(job)

  expect(await discardWhere(harness, { queue, filter: { error: 'no user' } })).toMatchObject({ jobs: 1, whole: true })

  expect(await statuses(harness, queue)).toEqual({ [job]: 'cancelled', [other]: 'failed' })
  expect(await harness.jobRow(job)).toMatchObject({ error: before.error, finished_at: before.finished_at })
  expect((await acts(harness, queue)).at(-1)).toMatchObject({
    act: 'discard failed jobs',
    jobs: 1,
    after: { filter: { error: 'no user' } },
  })
})

test('says what it would do, and changes nothing', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)

  expect(await discardWhere(harness, { queue, dry_run: true })).toMatchObject({ action: null, jobs: 1 })
  expect(await statuses(harness, queue)).toEqual({ [job]: 'failed' })
})

test('leaves alone what somebody holds, and does the rest', async ({ harness, another }) => {
  const queue = await harness.queue()
  const [held, free] = [await failedJob(harness, queue), await failedJob(harness, queue)]
  const other = await another()
  await other.db.query('begin')
  await other.db.query('select from supaqueue.job where id = $1 for update', [held])

  expect(await discardWhere(harness, { queue })).toMatchObject({ jobs: 1, fitting: 2 })

  await other.db.query('rollback')
  expect(await statuses(harness, queue)).toEqual({ [held]: 'failed', [free]: 'cancelled' })
})
