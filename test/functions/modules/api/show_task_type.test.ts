import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('show_task_type', () => {
  test('has four fields, and no rate where the queue has none', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })

    expect(await ask(harness, 'show_task_type', { name })).toEqual({
      task_type: name,
      max_rps: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
  })

  test('shows a rate that the queue shares with others', async ({ harness }) => {
    const name = randomUUID()
    await harness.db.query('select supaqueue.set_rate_limit($1, 2.5)', [name])
    await harness.queue({ name, rate_limit: name })

    expect(await ask(harness, 'show_task_type', { name })).toMatchObject({
      max_rps: 2.5,
    })
  })

  test('refuses a task type that is not there', async ({ harness }) => {
    expect(
      (await refusal(ask(harness, 'show_task_type', { name: randomUUID() })))
        .code,
    ).toBe('SQ404')
  })
})
