import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

// Whose job is whose is asked by those who call it: test/functions/modules/access/supaqueue_status.test.ts.
describe('own_job', () => {
  test('is any job for service_role, with everything allowed and no door', async ({ house }) => {
    const queue = await house.queue({ name: 'closed' })
    const job = await house.job(queue)

    expect(await rowsOf(house, 'own_job', { id: job })).toMatchObject([
      { queue_name: 'closed', show_result: true, may_cancel: true },
    ])
  })

  test.for([[0], [null]])('refuses %s, which is no job', async ([id], { house }) => {
    expect(await refusal(rowsOf(house, 'own_job', { id }))).toMatchObject({
      code: 'SQ404',
      message: `there is no job ${id} of yours`,
    })
  })
})
