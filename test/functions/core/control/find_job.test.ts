import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

describe('find_job', () => {
  test('is the job as it is once nobody else holds it, and holds it', async ({ house, another }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.update('job', job, { priority: 5 })
    await second.begin()

    const found = rowsOf(second, 'find_job', { job })
    await until(() => house.isBlocked(second))
    await first.commit()

    expect((await found)[0]).toMatchObject({ id: job, priority: 5 })
    await house.impatient()
    expect((await refusal(house.update('job', job, { priority: 6 }))).code).toBe('57014')
    await second.rollback()
  })

  test.for([[0, 'there is no job 0'], [null, 'there is no job null']])(
    'refuses job %s, which is not there',
    async ([job, message], { house }) => {
      expect(await refusal(ask(house, 'find_job', { job }))).toMatchObject({
        code: 'SQ404',
        message,
        hint: expect.stringContaining('pruned'),
      })
    },
  )
})
