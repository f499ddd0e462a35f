import { expect } from 'vitest'
import { failedJob, tried } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { discardWhere, progressOf, retryWhere } from './bulk.ts'

const three = async (house: Parameters<typeof failedJob>[0]) => {
  const queue = await house.queue()
  const jobs: number[] = []
  for (let n = 0; n < 3; n++) jobs.push(await failedJob(house, queue))
  const { action } = await retryWhere(house, { queue })
  return { queue, jobs, action }
}

test('counts how the jobs of a retry fare, and says go once all succeeded', async ({ house }) => {
  const { jobs: [one, two, three_], action } = await three(house)
  expect(await progressOf(house, action)).toMatchObject({
    act: 'retry',
    jobs: 3,
    waiting: 3,
    undoable: 3,
    verdict: 'wait',
  })

  await house.update('job', one!, { status: 'success' })
  await house.db.query('delete from supaqueue.job where id = $1', [two])
  expect(await progressOf(house, action)).toMatchObject({ waiting: 1, succeeded: 1, deleted: 1, verdict: 'wait' })

  await house.update('job', three_!, { status: 'success' })
  expect(await progressOf(house, action)).toMatchObject({ succeeded: 2, undoable: 0, verdict: 'go' })
})

test('says stop as soon as one has failed again, be it so far', async ({ house }) => {
  const { jobs: [one], action } = await three(house)
  await house.update('job', one!, { attempts: 1, error: 'no user 5' })
  await tried(house, one!)

  expect(await progressOf(house, action)).toMatchObject({ waiting: 3, undoable: 2, verdict: 'stop' })

  await house.update('job', one!, { status: 'failed' })
  expect(await progressOf(house, action)).toMatchObject({ failed: 1, verdict: 'stop' })
})

test('says look when all have ended and none succeeded', async ({ house }) => {
  const { jobs, action } = await three(house)
  for (const job of jobs) await house.update('job', job, { status: 'cancelled' })

  expect(await progressOf(house, action)).toMatchObject({ cancelled: 3, verdict: 'look' })
})

test('has no verdict of what was discarded', async ({ house }) => {
  const queue = await house.queue()
  await failedJob(house, queue)
  const { action } = await discardWhere(house, { queue })

  expect(await progressOf(house, action)).toMatchObject({ act: 'discard', cancelled: 1, undoable: 1, verdict: null })
})

test('refuses what was never done, or is forgotten', async ({ house }) => {
  expect(await refusal(progressOf(house, 123456))).toMatchObject({ code: 'SQ404' })
  expect(await refusal(progressOf(house, null))).toMatchObject({ code: 'SQ404' })
})
