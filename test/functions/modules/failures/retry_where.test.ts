import { describe, expect } from 'vitest'
import { failedJob, fingerprintOf, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { test as own } from '../../../support/own.ts'
import { refusal } from '../../../support/refusal.ts'
import { acts } from '../audit/acts.ts'
import { retryWhere } from './bulk.ts'

describe('a filter fits', () => {
  const payload = { user: { id: 7, name: 'Ada' }, amount: 120 }

  test.for<[string, object]>([
    ['nothing named: all of the queue', {}],
    ['a fingerprint', { fingerprint: fingerprintOf('no user') }],
    ['a part of the error, in upper or lower case', { error: 'NO USER' }],
    ['what the payload contains', { payload: { user: { id: 7 } } }],
    ['a path and an operator', { where: '$.amount > 100' }],
    ['a pattern of a nested text', { where: '$.user.name starts with "A"' }],
    ['a key', { dedupe_key: 'order-7' }],
    ['a priority', { priority: 5 }],
    ['several together', { error: 'no user', where: '$.amount > 100', priority: 5 }],
    ['a time', { since: '2026-01-01T00:00:00Z', until: '2026-01-03T00:00:00Z' }],
  ])('%s', async ([, filter], { harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', {
      payload,
      dedupe_key: 'order-7',
      priority: 5,
      finished_at: '2026-01-02T00:00:00Z',
    })

    expect(await retryWhere(harness, { queue, filter })).toMatchObject({
      jobs: 1,
      fitting: 1,
      looked_at: 1,
      whole: true,
    })
    expect(await statuses(harness, queue)).toEqual({ [job]: 'pending' })
  })

  test.for<[string, object]>([
    ['another fingerprint', { fingerprint: fingerprintOf('no paper') }],
    ['another error', { error: 'no paper' }],
    ['a payload without that', { payload: { user: { id: 8 } } }],
    ['a number that is not above', { where: '$.amount > 120' }],
    ['a path that is not there', { where: '$.no.such > 1' }],
    ['a path that is no predicate', { where: '$.amount' }],
    ['one of several that does not', { error: 'no user', priority: 4 }],
    ['a time after it', { since: '2026-01-03T00:00:00Z' }],
    ['a time before it', { until: '2026-01-02T00:00:00Z' }],
  ])('and does not fit %s', async ([, filter], { harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', {
      payload,
      priority: 5,
      finished_at: '2026-01-02T00:00:00Z',
    })

    expect(await retryWhere(harness, { queue, filter })).toMatchObject({ action: null, jobs: 0, fitting: 0 })
    expect(await statuses(harness, queue)).toEqual({ [job]: 'failed' })
  })
})

own('puts back those of all queues that a filter fits, and no others', async ({ harness }) => {
  const [one, two] = [await harness.queue(), await harness.queue()]
  const jobs = [await failedJob(harness, one, 'no user'), await failedJob(harness, two, 'no user')]
  const other = await failedJob(harness, two, 'no paper')

  expect(await retryWhere(harness, { filter: { error: 'no user' } })).toMatchObject({
    jobs: 2,
    looked_at: 3,
    whole: true,
  })
  expect(await statuses(harness, one)).toEqual({ [jobs[0]!]: 'pending' })
  expect(await statuses(harness, two)).toEqual({ [jobs[1]!]: 'pending', [other]: 'failed' })
})

test('at most as many as asked for, the newest first, so many a second', async ({ harness }) => {
  const queue = await harness.queue()
  const jobs = [await failedJob(harness, queue), await failedJob(harness, queue), await failedJob(harness, queue)]

  expect(await retryWhere(harness, { queue, most: 2, per_second: 10 })).toMatchObject({ jobs: 2 })

  expect(await statuses(harness, queue)).toMatchObject({ [jobs[0]!]: 'failed' })
  const [second, first] = [await harness.jobRow(jobs[1]!), await harness.jobRow(jobs[2]!)]
  expect(second.run_at - first.run_at).toBe(100)
})

test('says what it would do, and changes nothing', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)

  expect(await retryWhere(harness, { queue, dry_run: true })).toEqual({
    action: null,
    jobs: 1,
    fitting: 1,
    looked_at: 1,
    whole: true,
  })
  expect(await statuses(harness, queue)).toEqual({ [job]: 'failed' })
  expect((await acts(harness, queue)).map(({ act }) => act)).not.toContain('retry failed jobs')
})

test('says how many fit and were left alone, since another has their dedupe_key', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue, 'no user', { dedupe_key: 'once' })
  await harness.update('job', await harness.job(queue), { dedupe_key: 'once' })

  expect(await retryWhere(harness, { queue })).toMatchObject({ action: null, jobs: 0, fitting: 1 })
  expect(await statuses(harness, queue)).toMatchObject({ [job]: 'failed' })
})

test('writes down which were meant, and nothing of a payload', async ({ harness }) => {
  const queue = await harness.queue()
  await failedJob(harness, queue, 'no user', { payload: { token: 'quiet' } })
  await retryWhere(harness, {
    queue,
    filter: { error: 'no user', payload: { token: 'quiet' }, where: '$.token == "quiet"' },
    per_second: 5,
  })

  expect((await acts(harness, queue)).at(-1)).toMatchObject({
    act: 'retry failed jobs',
    jobs: 1,
    after: { filter: { error: 'no user', payload: '…', where: '…' }, per_second: 5 },
  })
})

test.for<[string, object]>([
  ['neither queue nor filter', {}],
  ['something else in the filter', { filter: { staus: 'failed' } }],
  ['a filter that is no object', { filter: JSON.stringify([1]) }],
  ['a time that is none', { filter: { since: 'yesterdayish' } }],
  ['a path that is none', { filter: { where: '$.amount >' } }],
  ['a batch that is no id', { filter: { batch: 'mine' } }],
])('refuses %s, and says what may be there', async ([, terms], { harness }) => {
  expect(await refusal(retryWhere(harness, terms))).toMatchObject({ code: 'SQ422', hint: /^Nothing was changed\. / })
})

test('refuses a queue that is not there', async ({ harness }) => {
  expect(await refusal(retryWhere(harness, { queue: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
})
