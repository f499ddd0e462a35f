import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1 })
  const job = await harness.job(queue)
  const [entry] = await harness.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('progress', () => {
  test('shows on the job how far its function is, and changes nothing else', async ({ harness }) => {
    const { job, token } = await begun(harness)
    const before = await harness.jobRow(job)

    await harness.progress(token, 12.345, 'page 7')

    expect(await harness.jobRow(job)).toEqual({
      ...before,
      updated_at: expect.any(Date),
      progress_percent: '12.35',
      progress_note: 'page 7',
    })
  })

  test('leaves what was said last where nothing is said', async ({ harness }) => {
    const { job, token } = await begun(harness)
    await harness.progress(token, 50, 'half')

    await harness.progress(token, null, 'still half')
    const noted = await harness.jobRow(job)
    await harness.progress(token, 60)

    expect(noted).toMatchObject({ progress_percent: '50.00', progress_note: 'still half' })
    expect(await harness.jobRow(job)).toMatchObject({ progress_percent: '60.00', progress_note: 'still half' })
  })

  test.for([[-0.01, null], [100.01, null], [NaN, null], [1, 'x'.repeat(501)]] as const)(
    'refuses %s percent with the note %s, and changes nothing',
    async ([percent, note], { harness }) => {
      const { job, token } = await begun(harness)
      const before = await harness.jobRow(job)

      expect(await refusal(harness.progress(token, percent, note))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('Nothing was changed'),
      })

      expect(await harness.jobRow(job)).toEqual(before)
    },
  )

  test.for([[0, 'x'.repeat(500)], [100, '']] as const)('takes %s percent', async ([percent, note], { harness }) => {
    const { job, token } = await begun(harness)

    await harness.progress(token, percent, note)

    expect(await harness.jobRow(job)).toMatchObject({ progress_percent: `${percent}.00`, progress_note: note })
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { harness }) => {
      expect(await refusal(harness.progress(token, 1))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
        hint: expect.stringContaining('Stop working on it'),
      })
    },
  )

  test('refuses a token that has ended, and leaves the job alone', async ({ harness }) => {
    const { job, token } = await begun(harness)
    await harness.endCurrentJob(token, true)

    expect(await refusal(harness.progress(token, 1))).toMatchObject({ code: 'SQ404' })

    expect((await harness.jobRow(job)).progress_percent).toBe(null)
  })
})
