import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

async function begun(house: House) {
  const queue = await house.queue({ workers: 1, timeout_ms: 1000 })
  const job = await house.job(queue)
  const [entry] = await house.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

/** The time of the database, in Unix milliseconds. */
const now = async (house: House): Promise<number> =>
  (await house.db.query('select extract(epoch from clock_timestamp())::float8 * 1000 as ms')).rows[0].ms

describe('extend', () => {
  test.for([['a minute when nothing is said', [], 60_000], ['as long as is said', [3_600_000], 3_600_000]] as const)(
    'makes the lease last %s from now on, and returns until when',
    async ([, given, lease], { house }) => {
      const { job, token } = await begun(house)
      const before = await now(house)

      const until = await house.extend(token, ...given)

      expect(until).toEqual((await house.currentJob(job)).lease_until)
      expect(until.getTime()).toBeGreaterThanOrEqual(Math.floor(before) + lease)
      expect(until.getTime()).toBeLessThanOrEqual(await now(house) + lease)
    },
  )

  test('never shortens it, and says until when it lasts', async ({ house }) => {
    const { job, token } = await begun(house)
    const { lease_until } = await house.currentJob(job)

    expect(await house.extend(token, 1)).toEqual(lease_until)

    expect((await house.currentJob(job)).lease_until).toEqual(lease_until)
  })

  test('saves a job whose lease has run out, unless it was taken back already', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.age('current_job', queue)

    await house.extend(token)
    await house.sweep()

    expect((await house.jobRow(job)).status).toBe('in_progress')
  })

  test.for([0, -1, 86_400_001, null])('refuses %s milliseconds and changes nothing', async (ms, { house }) => {
    const { job, token } = await begun(house)
    const before = await house.currentJob(job)

    expect(await refusal(house.extend(token, ms))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect(await house.currentJob(job)).toEqual(before)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { house }) => {
      expect(await refusal(house.extend(token))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
        hint: expect.stringContaining('Stop working on it'),
      })
    },
  )

  test('refuses a job that was taken back', async ({ house }) => {
    const { queue, token } = await begun(house)
    await house.age('current_job', queue)
    await house.sweep()

    expect(await refusal(house.extend(token))).toMatchObject({ code: 'SQ404' })
  })
})
