import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

type Found = { code: string; text: string; remedy: string; queue: string }

const found = async (harness: Harness, queue: string): Promise<Found[]> =>
  (await harness.db.query('select supaqueue_internal.rate_faults() as found')).rows[0].found
    .filter((one: Found) => one.queue === queue)

const happened = (harness: Harness, queue: string, columns: Record<string, number>) =>
  harness.db.query(
    `insert into supaqueue.history (queue, span, at, ${Object.keys(columns).join(', ')})
     values ($1, 'minute', date_trunc('minute', now()), ${Object.values(columns).join(', ')})`,
    [queue],
  )

test('a queue most of whose calls fail is found, with what they mostly fail of, though no job has failed for good', async ({ harness }) => {
  const queue = await harness.queue({ name: 'night photos' })
  await happened(harness, queue, { retried: 54, succeeded: 6 })
  const job = await harness.job(queue)
  await harness.db.query(
    `insert into supaqueue.attempt (job, attempt, outcome, status, error, ended_at) values ($1, 1, 'failed', 500, 'no bucket 17', now())`,
    [job],
  )

  expect(await found(harness, 'night photos')).toMatchObject([{
    code: 'calls_fail',
    severity: 'warning',
    text: expect.stringMatching(
      /^54 of 60 calls of night photos failed .* \(90 %\), most often of: failed 500: no bucket #/,
    ),
    remedy: `select supaqueue.retry_failures('night photos');`,
  }])
})

test('few calls, or few that fail, are none', async ({ harness }) => {
  const [few, well] = [await harness.queue({ name: 'few calls' }), await harness.queue({ name: 'goes well' })]
  await happened(harness, few, { retried: 9 })
  await happened(harness, well, { retried: 40, succeeded: 60 })

  expect([...await found(harness, 'few calls'), ...await found(harness, 'goes well')]).toEqual([])
})

test('a queue whose workers are all taken falls behind when its backlog does not shrink', async ({ harness }) => {
  const queue = await harness.queue({ name: 'behind', workers: 2 })
  await harness.turn(run, queue)
  for (let n = 0; n < 5; n++) await harness.job(queue, { due: '-10 minutes' })
  await harness.take(run, queue)
  await happened(harness, queue, { succeeded: 10, enqueued: 90 })

  expect(await found(harness, 'behind')).toMatchObject([{
    code: 'falls_behind',
    text: expect.stringMatching(
      /^behind falls behind: 3 jobs are due, the first one for 10 min, and its backlog grows by [\d.]+ a minute; all of its 2 workers are taken$/,
    ),
    remedy: `select supaqueue.set_concurrency('behind', 4);`,
  }])

  await happened(harness, await harness.queue({ name: 'unlike it' }), { succeeded: 1 })
  await harness.db.query(`update supaqueue.history set succeeded = 500 where queue = $1`, [queue])
  expect(await found(harness, 'behind')).toEqual([])
})
