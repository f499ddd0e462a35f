import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('set_task_type', () => {
  test('makes a task type with its rate, which may be a fraction, then changes it', async ({ harness }) => {
    const name = randomUUID()

    const made = await ask(harness, 'set_task_type', { name, max_rps: 10 })
    const changed = await ask(harness, 'set_task_type', { name, max_rps: 0.2 })

    expect(made).toMatchObject({ task_type: name, max_rps: 10 })
    expect(changed).toMatchObject({
      task_type: name,
      max_rps: 0.2,
      created_at: made.created_at,
    })
    expect(Date.parse(changed.updated_at)).toBeGreaterThan(
      Date.parse(made.updated_at),
    )
    const { rows } = await harness.db.query(
      `select rate_limit.max_rps from supaqueue.queue join supaqueue.rate_limit on rate_limit.name = queue.rate_limit
       where queue.name = $1`,
      [name],
    )
    expect(rows).toEqual([{ max_rps: 0.2 }])
  })

  test('sets the rate of a queue that is there, and leaves the rest as it is', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name, workers: 2 })

    await ask(harness, 'set_task_type', { name, max_rps: 3 })

    const { rows } = await harness.db.query(
      'select count(*) as workers from supaqueue.worker where queue = $1',
      [queue],
    )
    expect(rows).toEqual([{ workers: 2 }])
  })

  test('refuses a rate that is none', async ({ harness }) => {
    expect(
      (await refusal(
        ask(harness, 'set_task_type', { name: randomUUID(), max_rps: 0 }),
      )).code,
    ).toBe('SQ422')
  })
})
