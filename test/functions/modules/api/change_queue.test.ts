import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('change_queue', () => {
  test('changes what is named, and leaves the rest as it is', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, per_key: 4 })
    const before = await ask(harness, 'show_queue', { queue })

    const after = await ask(harness, 'change_queue', {
      queue,
      changes: { max_attempts: 9, retry_factor: 1.5, workers: 4, max_rps: 0.5 },
    })

    expect(after).toEqual({
      ...before,
      workers: 4,
      max_rps: 0.5,
      settings: { ...before.settings, max_attempts: 9, retry_factor: 1.5 },
    })
  })

  test.for(
    [
      ['timeout_ms', 1234],
      ['retry_base_ms', 17],
      ['retry_max_ms', 70_000],
      ['max_deferrals', 3],
      ['per_key', 2],
      ['batch_size', 20],
      ['batch_wait_ms', 200],
      ['batch_by', 'key'],
      ['batch_counts', 'calls'],
      ['ordered', 'key'],
      ['after_failure', 'continue'],
      ['dedupe_until', 'begun'],
      ['payload_max_bytes', 100],
      ['result_max_bytes', 200],
    ] as const,
  )('changes %s', async ([name, value], { harness }) => {
    const queue = await harness.queue()

    expect((await ask(harness, 'change_queue', { queue, changes: { [name]: value } })).settings[name]).toBe(value)
  })

  test('takes per_key and max_rps away by null', async ({ harness }) => {
    const queue = await harness.queue({ per_key: 2 })
    await ask(harness, 'change_queue', { queue, changes: { max_rps: 3 } })

    const after = await ask(harness, 'change_queue', {
      queue,
      changes: { per_key: null, max_rps: null, batch_by: null },
    })

    expect([after.settings.per_key, after.max_rps]).toEqual([null, null])
  })

  test('ends the order of a queue by null', async ({ harness }) => {
    const queue = await harness.queue({ ordered: 'queue' })

    expect((await ask(harness, 'change_queue', { queue, changes: { ordered: null } })).settings.ordered).toBe(null)
  })

  test('changes nothing when one of them does not fit', async ({ harness }) => {
    const queue = await harness.queue()
    const before = await ask(harness, 'show_queue', { queue })

    const reason = await refusal(ask(harness, 'change_queue', { queue, changes: { workers: 5, max_rps: -1 } }))

    expect(reason.code).toBe('SQ422')
    expect(await ask(harness, 'show_queue', { queue })).toEqual(before)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'change_queue', { queue: randomUUID(), changes: {} }))).code).toBe('SQ404')
  })
})
