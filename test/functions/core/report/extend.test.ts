import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1, timeout_ms: 1000 })
  const job = await harness.job(queue)
  const [entry] = await harness.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

/** The time of the database, in Unix milliseconds. */
const now = async (harness: Harness): Promise<number> =>
  (await harness.db.query('select extract(epoch from clock_timestamp())::float8 * 1000 as ms')).rows[0].ms

describe('extend', () => {
  test.for([['a minute when nothing is said', [], 60_000], ['as long as is said', [3_600_000], 3_600_000]] as const)(
    'makes the lease last %s from now on, and returns until when',
    async ([, given, lease], { harness }) => {
      const { job, token } = await begun(harness)
      const before = await now(harness)

      const until = await harness.extend(token, ...given)

      expect(until).toEqual((await harness.currentJob(job)).lease_until)
      expect(until.getTime()).toBeGreaterThanOrEqual(Math.floor(before) + lease)
      expect(until.getTime()).toBeLessThanOrEqual(await now(harness) + lease)
    },
  )

  test('never shortens it, and says until when it lasts', async ({ harness }) => {
    const { job, token } = await begun(harness)
    const { lease_until } = await harness.currentJob(job)

    expect(await harness.extend(token, 1)).toEqual(lease_until)

    expect((await harness.currentJob(job)).lease_until).toEqual(lease_until)
  })

  test('saves a job whose lease has run out, unless it was taken back already', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.age('current_job', queue)

    await harness.extend(token)
    await harness.sweep()

    expect((await harness.jobRow(job)).status).toBe('in_progress')
  })

  test.for([0, -1, 86_400_001, null])('refuses %s milliseconds and changes nothing', async (ms, { harness }) => {
    const { job, token } = await begun(harness)
    const before = await harness.currentJob(job)

    expect(await refusal(harness.extend(token, ms))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect(await harness.currentJob(job)).toEqual(before)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { harness }) => {
      expect(await refusal(harness.extend(token))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
        hint: expect.stringContaining('Stop working on it'),
      })
    },
  )

  test('refuses a job that was taken back', async ({ harness }) => {
    const { queue, token } = await begun(harness)
    await harness.age('current_job', queue)
    await harness.sweep()

    expect(await refusal(harness.extend(token))).toMatchObject({ code: 'SQ404' })
  })
})
