import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

describe('find_job', () => {
  test('is the job as it is once nobody else holds it, and holds it', async ({ harness, another }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.update('job', job, { priority: 5 })
    await second.begin()

    const found = rowsOf(second, 'find_job', { job })
    await until(() => harness.isBlocked(second))
    await first.commit()

    expect((await found)[0]).toMatchObject({ id: job, priority: 5 })
    await harness.impatient()
    expect((await refusal(harness.update('job', job, { priority: 6 }))).code).toBe('57014')
    await second.rollback()
  })

  test.for([[0, 'there is no job 0'], [null, 'there is no job null']])(
    'refuses job %s, which is not there',
    async ([job, message], { harness }) => {
      expect(await refusal(ask(harness, 'find_job', { job }))).toMatchObject({
        code: 'SQ404',
        message,
        hint: expect.stringContaining('pruned'),
      })
    },
  )
})
