import { expect } from 'vitest'
import { failedJob } from '../../../support/failures.ts'
import { test } from '../../../support/own.ts'
import type { Harness } from '../../../support/harness.ts'

const find = async (harness: Harness, queue: string | null, filter: object, most: number | null = null) =>
  (await harness.db.query(
    'select home, to_jsonb(jobs) as jobs, looked_at, whole from supaqueue_internal.find_failed($1, $2, $3)',
    [queue, filter, most],
  )).rows[0]

test('finds those of a queue, by name or id, the newest first', async ({ harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  const jobs = [await failedJob(harness, queue), await failedJob(harness, queue)]
  await failedJob(harness, await harness.queue())

  const found = { home: queue, jobs: [jobs[1], jobs[0]], looked_at: 2, whole: true }
  expect(await find(harness, 'mail', {})).toMatchObject(found)
  expect(await find(harness, queue, {})).toMatchObject(found)
  expect(await find(harness, 'mail', {}, 1)).toMatchObject({ jobs: [jobs[1]] })
  expect(await find(harness, 'mail', {}, -1)).toMatchObject({ jobs: [] })
})

test('finds none where there is no queue, and none of an empty one', async ({ harness }) => {
  expect(await find(harness, null, { error: 'x' })).toMatchObject({ jobs: [], looked_at: 0, whole: true })
  await harness.queue({ name: 'empty' })
  expect(await find(harness, 'empty', {})).toMatchObject({ jobs: [], looked_at: 0, whole: true })
})

test('looks at ten thousand of a queue, says that there are more, and is led further back by until', async ({ harness }) => {
  const queue = await harness.queue({ name: 'many' })
  await harness.db.query(
    `insert into supaqueue.job (queue, status, error, finished_at)
     select $1, 'failed', case n when 10001 then 'the oldest' else 'no user' end, now() - n * interval '1 minute'
     from generate_series(1, 10001) as n`,
    [queue],
  )
  const oldest = { error: 'the oldest' }

  expect(await find(harness, 'many', oldest)).toMatchObject({ jobs: [], looked_at: 10000, whole: false })
  const until = new Date(Date.now() - 3_600_000).toISOString()
  expect(await find(harness, 'many', { ...oldest, until })).toMatchObject({ jobs: [expect.anything()], whole: true })
})
