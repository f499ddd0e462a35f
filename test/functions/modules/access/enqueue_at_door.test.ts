import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

// What end users may do is asked as end users: test/functions/modules/access/supaqueue_enqueue.test.ts.
const named = { payload: {}, dedupe_key: null, run_at: null }

describe('enqueue_at_door', () => {
  test('lets service_role enqueue to a queue that is closed, to no user', async ({ house }) => {
    const queue = await house.queue()
    const at = new Date(Date.now() + 60_000)
    const id = await ask(house, 'enqueue_at_door', {
      ...named,
      queue,
      payload: { n: 1 },
      dedupe_key: 'k',
      run_at: at.toISOString(),
    })

    expect(await house.jobRow(id)).toMatchObject({ queue, payload: { n: 1 }, dedupe_key: 'k', run_at: at, owner: null })
  })

  test('returns the job that has the key of service_role', async ({ house }) => {
    const queue = await house.queue()
    const first = await ask(house, 'enqueue_at_door', { ...named, queue, dedupe_key: 'k' })

    expect(await ask(house, 'enqueue_at_door', { ...named, queue, dedupe_key: 'k' })).toBe(first)
  })

  test('tells service_role which queue it may have meant', async ({ house }) => {
    await house.queue({ name: 'letters' })

    expect(await refusal(ask(house, 'enqueue_at_door', { ...named, queue: 'leters' }))).toMatchObject({
      code: 'SQ404',
      hint: expect.stringContaining(`'letters'`),
    })
  })
})
