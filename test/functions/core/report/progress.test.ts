import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

async function begun(house: House) {
  const queue = await house.queue({ workers: 1 })
  const job = await house.job(queue)
  const [entry] = await house.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('progress', () => {
  test('shows on the job how far its function is, and changes nothing else', async ({ house }) => {
    const { job, token } = await begun(house)
    const before = await house.jobRow(job)

    await house.progress(token, 12.345, 'page 7')

    expect(await house.jobRow(job)).toEqual({
      ...before,
      updated_at: expect.any(Date),
      progress_percent: '12.35',
      progress_note: 'page 7',
    })
  })

  test('leaves what was said last where nothing is said', async ({ house }) => {
    const { job, token } = await begun(house)
    await house.progress(token, 50, 'half')

    await house.progress(token, null, 'still half')
    const noted = await house.jobRow(job)
    await house.progress(token, 60)

    expect(noted).toMatchObject({ progress_percent: '50.00', progress_note: 'still half' })
    expect(await house.jobRow(job)).toMatchObject({ progress_percent: '60.00', progress_note: 'still half' })
  })

  test.for([[-0.01, null], [100.01, null], [NaN, null], [1, 'x'.repeat(501)]] as const)(
    'refuses %s percent with the note %s, and changes nothing',
    async ([percent, note], { house }) => {
      const { job, token } = await begun(house)
      const before = await house.jobRow(job)

      expect(await refusal(house.progress(token, percent, note))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('Nothing was changed'),
      })

      expect(await house.jobRow(job)).toEqual(before)
    },
  )

  test.for([[0, 'x'.repeat(500)], [100, '']] as const)('takes %s percent', async ([percent, note], { house }) => {
    const { job, token } = await begun(house)

    await house.progress(token, percent, note)

    expect(await house.jobRow(job)).toMatchObject({ progress_percent: `${percent}.00`, progress_note: note })
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { house }) => {
      expect(await refusal(house.progress(token, 1))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
        hint: expect.stringContaining('Stop working on it'),
      })
    },
  )

  test('refuses a token that has ended, and leaves the job alone', async ({ house }) => {
    const { job, token } = await begun(house)
    await house.endCurrentJob(token, true)

    expect(await refusal(house.progress(token, 1))).toMatchObject({ code: 'SQ404' })

    expect((await house.jobRow(job)).progress_percent).toBe(null)
  })
})
