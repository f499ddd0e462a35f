import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const assertPayload = `
  select supaqueue_internal.assert_payload(queue, $2, $3) from supaqueue.queue where queue.id = $1`

describe('assert_payload', () => {
  test('takes as many bytes as the queue does, and not one more', async ({ harness }) => {
    const queue = await harness.queue({ name: 'short' })
    await harness.update('queue', queue, { payload_max_bytes: 5 })
    // Two quotes and a letter of two bytes.
    const fits = JSON.stringify('éa')
    const exceeds = JSON.stringify('éé')

    await harness.db.query(assertPayload, [queue, fits, null])

    expect(await refusal(harness.db.query(assertPayload, [queue, exceeds, null]))).toMatchObject({
      code: 'SQ413',
      message: `the payload has 6 bytes, and queue 'short' takes at most 5`,
      hint: expect.stringContaining('payload_max_bytes'),
    })
  })

  test('says where a payload stands among several', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { payload_max_bytes: 1 })

    expect((await refusal(harness.db.query(assertPayload, [queue, '10', 3]))).message).toMatch(
      /^the payload of jobs\[3\] has 2 bytes/,
    )
  })
})
