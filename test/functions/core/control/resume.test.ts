import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('resume', () => {
  test('begins what waited, and forgets what was said about the pause', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await ask(harness, 'pause', { queue, until: '2099-01-01', reason: 'supplier is down' })
    const job = await harness.job(queue)

    expect(await ask(harness, 'resume', { queue })).toBe(true)

    expect(await harness.inProgress(queue)).toEqual([job])
    const { rows: [row] } = await harness.db.query('select * from supaqueue.queue where id = $1', [queue])
    expect(row).toMatchObject({ paused: false, paused_until: null, paused_reason: null })
  })

  test('of a queue that is not paused is no news', async ({ harness }) => {
    expect(await ask(harness, 'resume', { queue: await harness.queue() })).toBe(false)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'resume', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
