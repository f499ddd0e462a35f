import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { failedJob, fingerprintOf } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const alike = fingerprintOf('no user')
const AGAIN = { error: 'no user 7', status: 500 }
const OTHER = { error: 'too large', status: 413 }

const verdict = async (harness: Harness, jobs: number[]) =>
  (await harness.db.query('select * from supaqueue.canary_verdict($1, $2)', [jobs, alike])).rows[0]

/** A canary of jobs whose next calls end as said; null: not called yet. */
async function canary(harness: Harness, fates: ('success' | 'failed' | 'killed' | null)[], more: object = AGAIN) {
  const queue = await harness.queue({ workers: fates.length, retry_base_ms: 60_000, retry_max_ms: 60_000 })
  for (const _ of fates) await failedJob(harness, queue)
  const { rows } = await harness.db.query('select unnest(supaqueue.canary($1, $2)) as id', [queue, alike])
  const run = randomUUID()
  for (const [i, { current_job: { id: token } }] of (await harness.take(run, queue)).entries()) {
    const fate = fates[i]
    if (fate) await harness.report(run, queue, [token], fate, fate === 'success' ? {} : more)
  }
  return rows.map(({ id }) => id)
}

describe('the verdict on a canary', () => {
  test.for(
    [
      ['wait', 'while nothing has ended', [null, null]],
      ['wait', 'while one has not ended', ['success', null]],
      ['go', 'when all succeeded', ['success', 'success']],
      ['stop', 'when one failed alike', ['success', 'failed', 'success']],
      ['stop', 'when one failed alike and others have not ended', ['failed', null]],
    ] as const,
  )('is %s %s', async ([expected, , fates], { harness }) => {
    expect(await verdict(harness, await canary(harness, [...fates]))).toMatchObject({ verdict: expected })
  })

  test('is look when one failed of something else', async ({ harness }) => {
    const jobs = await canary(harness, ['success', 'killed'], OTHER)

    expect(await verdict(harness, jobs)).toEqual({
      verdict: 'look',
      succeeded: 1,
      failed_alike: 0,
      failed_otherwise: 1,
      open: 0,
    })
  })

  test('is look when there is nothing to look at', async ({ harness }) => {
    expect(await verdict(harness, [])).toEqual({
      verdict: 'look',
      succeeded: 0,
      failed_alike: 0,
      failed_otherwise: 0,
      open: 0,
    })
  })

  test('waits for the last attempt of one that failed of something else', async ({ harness }) => {
    expect(await verdict(harness, await canary(harness, ['failed'], OTHER))).toMatchObject({ verdict: 'wait', open: 1 })
  })

  test('waits for one that failed without a word and has not been called yet', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('job', await failedJob(harness, queue), { error: null })
    const { rows: [{ id: job }] } = await harness.db.query('select unnest(supaqueue.canary($1, $2)) as id', [
      queue,
      'failed 500',
    ])

    const { rows } = await harness.db.query('select verdict from supaqueue.canary_verdict($1, $2)', [
      [job],
      'failed 500',
    ])

    expect(rows).toEqual([{ verdict: 'wait' }])
  })
})
