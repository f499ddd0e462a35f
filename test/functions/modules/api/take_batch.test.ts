import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('take_batch', () => {
  test('enqueues all of them in their order, with what each has of its own', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })

    const { batch, jobs } = await ask(harness, 'take_batch', {
      batch: { queue: name, label: 'import', jobs: [{ payload: 1, priority: 3 }, { payload: 2, delay_ms: 60_000 }] },
    })

    const [first, second] = await Promise.all(jobs.map(({ id }: { id: number }) => harness.jobRow(id)))
    expect(jobs.map(({ enqueued }: { enqueued: boolean }) => enqueued)).toEqual([true, true])
    expect(first).toMatchObject({ payload: 1, priority: 3, batch, batch_index: 0 })
    expect(second).toMatchObject({ payload: 2, priority: 0, batch, batch_index: 1 })
    expect(second!.run_at.getTime() - second!.created_at.getTime()).toBe(60_000)
  })

  test('says which were there before', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })
    const batch = { queue: name, on_conflict: 'skip', jobs: [{ dedupe_key: 'a' }, { dedupe_key: 'b' }] }
    const first = await ask(harness, 'take_batch', { batch })

    const second = await ask(harness, 'take_batch', { batch })

    expect(second.batch).toBe(null)
    expect(second.jobs).toEqual(first.jobs.map(({ id }: { id: number }) => ({ id, enqueued: false })))
  })

  test('has many of one key become few', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name, paused: true })
    await harness.update('queue', queue, { dedupe_until: 'begun' })
    const batch = {
      queue: name,
      debounce_ms: 10_000,
      max_wait_ms: 60_000,
      jobs: [{ dedupe_key: 'a' }, { dedupe_key: 'a' }],
    }

    const { jobs } = await ask(harness, 'take_batch', { batch })

    expect(jobs[0].id).toBe(jobs[1].id)
    const job = await harness.jobRow(jobs[0].id)
    expect(job!.run_at.getTime() - job!.created_at.getTime()).toBe(10_000)
    const { jobs: [throttled] } = await ask(harness, 'take_batch', {
      batch: { queue: name, throttle_ms: 1_000, jobs: [{ dedupe_key: 'b' }] },
    })
    expect(await harness.jobRow(throttled.id)).toMatchObject({ status: 'pending' })
  })

  test('refuses a field that is not known', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })

    expect((await refusal(ask(harness, 'take_batch', { batch: { queue: name, jobs: [{ surprise: 1 }] } }))).code).toBe(
      'SQ422',
    )
  })
})
