import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('pause_queue', () => {
  test('pauses until a time and for a reason, and resumes', async ({ harness }) => {
    const queue = await harness.queue()

    const paused = await ask(harness, 'pause_queue', {
      queue,
      pause: { until: '2099-01-01T00:00:00Z', reason: 'night' },
    })
    const resumed = await ask(harness, 'pause_queue', { queue, pause: null })

    expect(paused).toMatchObject({ paused: true, paused_reason: 'night' })
    expect(Date.parse(paused.paused_until)).toBe(Date.parse('2099-01-01T00:00:00Z'))
    expect(resumed).toMatchObject({ paused: false, paused_reason: null, paused_until: null })
  })

  test('needs neither a time nor a reason, and refuses a time that is over', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await ask(harness, 'pause_queue', { queue, pause: {} })).toMatchObject({ paused: true, paused_until: null })
    expect((await refusal(ask(harness, 'pause_queue', { queue, pause: { until: '2001-01-01' } }))).code).toBe('SQ422')
  })
})
