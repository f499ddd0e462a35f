import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

test('take_signal sends to a job or by a key, and refuses what signal refuses', async ({ harness }) => {
  const job = await harness.job(await harness.queue())
  const request = JSON.stringify({ name: 'approval', payload: [1], idempotency_key: 'one' })

  const { id } = await ask(harness, 'take_signal', { job, request })

  expect((await harness.db.query('select job, name, payload from supaqueue.signal where id = $1', [id])).rows).toEqual([
    { job, name: 'approval', payload: [1] },
  ])
  expect(await ask(harness, 'take_signal', { job, request })).toEqual({ id })
  const keyed = JSON.stringify({ name: 'paid', key: 'order-1' })
  expect(await ask(harness, 'take_signal', { job: null, request: keyed })).toEqual({ id: expect.any(Number) })
  expect((await refusal(ask(harness, 'take_signal', { job, request: '{}' }))).code).toBe('SQ422')
})
