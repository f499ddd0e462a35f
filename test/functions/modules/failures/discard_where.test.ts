import { expect } from 'vitest'
import { failedJob, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'
import { acts } from '../audit/acts.ts'
import { discardWhere } from './bulk.ts'

test('makes the failed jobs that a filter fits cancelled, with their errors and times', async ({ house }) => {
  const queue = await house.queue()
  const job = await failedJob(house, queue, 'no user')
  const other = await failedJob(house, queue, 'no paper')
  const before = await house.jobRow(job)

  expect(await discardWhere(house, { queue, filter: { error: 'no user' } })).toMatchObject({ jobs: 1, whole: true })

  expect(await statuses(house, queue)).toEqual({ [job]: 'cancelled', [other]: 'failed' })
  expect(await house.jobRow(job)).toMatchObject({ error: before.error, finished_at: before.finished_at })
  expect((await acts(house, queue)).at(-1)).toMatchObject({
    act: 'discard failed jobs',
    jobs: 1,
    after: { filter: { error: 'no user' } },
  })
})

test('says what it would do, and changes nothing', async ({ house }) => {
  const queue = await house.queue()
  const job = await failedJob(house, queue)

  expect(await discardWhere(house, { queue, dry_run: true })).toMatchObject({ action: null, jobs: 1 })
  expect(await statuses(house, queue)).toEqual({ [job]: 'failed' })
})

test('leaves alone what somebody holds, and does the rest', async ({ house, another }) => {
  const queue = await house.queue()
  const [held, free] = [await failedJob(house, queue), await failedJob(house, queue)]
  const other = await another()
  await other.db.query('begin')
  await other.db.query('select from supaqueue.job where id = $1 for update', [held])

  expect(await discardWhere(house, { queue })).toMatchObject({ jobs: 1, fitting: 2 })

  await other.db.query('rollback')
  expect(await statuses(house, queue)).toEqual({ [held]: 'failed', [free]: 'cancelled' })
})
