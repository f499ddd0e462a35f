import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('show_batch', () => {
  test('counts its jobs by status', async ({ harness }) => {
    const name = randomUUID()
    await harness.queue({ name })
    const { rows } = await harness.db.query(
      `select id, batch from unnest(supaqueue.enqueue_many($1, '[{}, {}, {}]', 'import'))`,
      [
        name,
      ],
    )
    await harness.update('job', rows[0].id, { status: 'failed' })

    expect(await ask(harness, 'show_batch', { batch: rows[0].batch })).toEqual({
      id: rows[0].batch,
      queue: name,
      label: 'import',
      created_at: expect.any(String),
      jobs: { held: 0, pending: 2, in_progress: 0, success: 0, failed: 1, cancelled: 0 },
    })
  })

  test('refuses a batch that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'show_batch', { batch: randomUUID() }))).code).toBe('SQ404')
  })
})
