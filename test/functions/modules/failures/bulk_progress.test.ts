import { expect } from 'vitest'
import { failedJob, tried } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { discardWhere, progressOf, retryWhere } from './bulk.ts'

const three = async (harness: Parameters<typeof failedJob>[0]) => {
  const queue = await harness.queue()
  const jobs: number[] = []
  for (let n = 0; n < 3; n++) jobs.push(await failedJob(harness, queue))
  const { action } = await retryWhere(harness, { queue })
  return { queue, jobs, action }
}

test('counts how the jobs of a retry fare, and says go once all succeeded', async ({ harness }) => {
  const { jobs: [one, two, three_], action } = await three(harness)
  expect(await progressOf(harness, action)).toMatchObject({
    act: 'retry',
    jobs: 3,
    waiting: 3,
    undoable: 3,
    verdict: 'wait',
  })

  await harness.update('job', one!, { status: 'success' })
  await harness.db.query('delete from supaqueue.job where id = $1', [two])
  expect(await progressOf(harness, action)).toMatchObject({ waiting: 1, succeeded: 1, deleted: 1, verdict: 'wait' })

  await harness.update('job', three_!, { status: 'success' })
  expect(await progressOf(harness, action)).toMatchObject({ succeeded: 2, undoable: 0, verdict: 'go' })
})

test('says stop as soon as one has failed again, be it so far', async ({ harness }) => {
  const { jobs: [one], action } = await three(harness)
  await harness.update('job', one!, { attempts: 1, error: 'no user 5' })
  await tried(harness, one!)

  expect(await progressOf(harness, action)).toMatchObject({ waiting: 3, undoable: 2, verdict: 'stop' })

  await harness.update('job', one!, { status: 'failed' })
  expect(await progressOf(harness, action)).toMatchObject({ failed: 1, verdict: 'stop' })
})

test('says look when all have ended and none succeeded', async ({ harness }) => {
  const { jobs, action } = await three(harness)
  for (const job of jobs) await harness.update('job', job, { status: 'cancelled' })

  expect(await progressOf(harness, action)).toMatchObject({ cancelled: 3, verdict: 'look' })
})

test('has no verdict of what was discarded', async ({ harness }) => {
  const queue = await harness.queue()
  await failedJob(harness, queue)
  const { action } = await discardWhere(harness, { queue })

  expect(await progressOf(harness, action)).toMatchObject({ act: 'discard', cancelled: 1, undoable: 1, verdict: null })
})

test('refuses what was never done, or is forgotten', async ({ harness }) => {
  expect(await refusal(progressOf(harness, 123456))).toMatchObject({ code: 'SQ404' })
  expect(await refusal(progressOf(harness, null))).toMatchObject({ code: 'SQ404' })
})
