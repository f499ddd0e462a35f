import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { failedJob, fingerprintOf } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const alike = fingerprintOf('no user')
const AGAIN = { error: 'no user 7', status: 500 }
const OTHER = { error: 'too large', status: 413 }

const verdict = async (house: House, jobs: number[]) =>
  (await house.db.query('select * from supaqueue.canary_verdict($1, $2)', [jobs, alike])).rows[0]

/** A canary of jobs whose next calls end as said; null: not called yet. */
async function canary(house: House, fates: ('success' | 'failed' | 'killed' | null)[], more: object = AGAIN) {
  const queue = await house.queue({ workers: fates.length, retry_base_ms: 60_000, retry_max_ms: 60_000 })
  for (const _ of fates) await failedJob(house, queue)
  const { rows } = await house.db.query('select unnest(supaqueue.canary($1, $2)) as id', [queue, alike])
  const run = randomUUID()
  for (const [i, { current_job: { id: token } }] of (await house.take(run, queue)).entries()) {
    const fate = fates[i]
    if (fate) await house.report(run, queue, [token], fate, fate === 'success' ? {} : more)
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
  )('is %s %s', async ([expected, , fates], { house }) => {
    expect(await verdict(house, await canary(house, [...fates]))).toMatchObject({ verdict: expected })
  })

  test('is look when one failed of something else', async ({ house }) => {
    const jobs = await canary(house, ['success', 'killed'], OTHER)

    expect(await verdict(house, jobs)).toEqual({
      verdict: 'look',
      succeeded: 1,
      failed_alike: 0,
      failed_otherwise: 1,
      open: 0,
    })
  })

  test('is look when there is nothing to look at', async ({ house }) => {
    expect(await verdict(house, [])).toEqual({
      verdict: 'look',
      succeeded: 0,
      failed_alike: 0,
      failed_otherwise: 0,
      open: 0,
    })
  })

  test('waits for the last attempt of one that failed of something else', async ({ house }) => {
    expect(await verdict(house, await canary(house, ['failed'], OTHER))).toMatchObject({ verdict: 'wait', open: 1 })
  })

  test('waits for one that failed without a word and has not been called yet', async ({ house }) => {
    const queue = await house.queue()
    await house.update('job', await failedJob(house, queue), { error: null })
    const { rows: [{ id: job }] } = await house.db.query('select unnest(supaqueue.canary($1, $2)) as id', [
      queue,
      'failed 500',
    ])

    const { rows } = await house.db.query('select verdict from supaqueue.canary_verdict($1, $2)', [[job], 'failed 500'])

    expect(rows).toEqual([{ verdict: 'wait' }])
  })
})
