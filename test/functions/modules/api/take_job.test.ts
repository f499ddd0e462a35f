import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('take_job', () => {
  test('enqueues with all that enqueue takes', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name })
    const source = await harness.job(queue)

    const { id } = await ask(harness, 'take_job', {
      job: {
        queue: name,
        payload: { n: 1 },
        priority: 5,
        delay_ms: 3_600_000,
        dedupe_key: 'k',
        headers: { 'x-a': '1' },
        version: 2,
        max_attempts: 9,
        timeout_ms: 500,
        concurrency_key: 'tenant',
        depends_on: [source],
      },
    })

    const row = await harness.jobRow(id)
    expect(row).toMatchObject({
      payload: { n: 1 },
      status: 'held',
      priority: 5,
      dedupe_key: 'k',
      headers: { 'x-a': '1' },
      version: 2,
      max_attempts: 9,
      timeout_ms: 500,
      concurrency_key: 'tenant',
      waits_for: 1,
    })
    const { rows } = await harness.db.query('select run_at - created_at as after from supaqueue.job where id = $1', [
      id,
    ])
    expect(rows[0].after).toMatchObject({ hours: 1 })
  })

  test('makes one job of a burst', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name })
    await harness.update('queue', queue, { dedupe_until: 'begun' })
    const job = { queue: name, dedupe_key: 'k', debounce_ms: 10_000, max_wait_ms: 60_000 }

    const { id } = await ask(harness, 'take_job', { job })

    expect(await ask(harness, 'take_job', { job: { ...job, payload: { n: 2 } } })).toEqual({ id })
    expect((await harness.jobRow(id)).payload).toEqual({ n: 2 })
    await ask(harness, 'take_job', { job: { queue: name, dedupe_key: 'other', throttle_ms: 1 } })
  })

  test('needs a queue alone', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })

    const { id } = await ask(harness, 'take_job', { job: { queue: name } })

    expect(await harness.jobRow(id)).toMatchObject({ payload: {}, status: 'pending', priority: 0, headers: null })
  })

  test('settles a key that is taken as it is told', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })
    const job = { queue: name, dedupe_key: 'k' }
    const { id } = await ask(harness, 'take_job', { job })

    expect((await refusal(ask(harness, 'take_job', { job }))).code).toBe('SQ409')
    expect(await ask(harness, 'take_job', { job: { ...job, on_conflict: 'skip' } })).toEqual({ id })
  })
})
