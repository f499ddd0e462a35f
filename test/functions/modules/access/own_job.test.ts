import { describe, expect } from 'vitest'
import { rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

// Whose job is whose is asked by those who call it: test/functions/modules/access/supaqueue_status.test.ts.
describe('own_job', () => {
  test('is any job for service_role, with everything allowed and no door', async ({ harness }) => {
    const queue = await harness.queue({ name: 'closed' })
    const job = await harness.job(queue)

    expect(await rowsOf(harness, 'own_job', { id: job })).toMatchObject([
      { queue_name: 'closed', show_result: true, may_cancel: true },
    ])
  })

  test.for([[0], [null]])('refuses %s, which is no job', async ([id], { harness }) => {
    expect(await refusal(rowsOf(harness, 'own_job', { id }))).toMatchObject({
      code: 'SQ404',
      message: `there is no job ${id} of yours`,
    })
  })
})
