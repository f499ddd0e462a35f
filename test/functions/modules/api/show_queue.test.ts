import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('show_queue', () => {
  test('shows the queue with its settings, and no header of it', async ({ harness }) => {
    const name = randomUUID()
    const id = await harness.queue({ name, workers: 3, max_attempts: 5, default_headers: { authorization: 'private' } })

    const shown = await ask(harness, 'show_queue', { queue: name })

    expect(shown).toMatchObject({ id, name, target: 'hello', workers: 3, paused: false, settings: { max_attempts: 5 } })
    expect(JSON.stringify(shown)).not.toContain('private')
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'show_queue', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
