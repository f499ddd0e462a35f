import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('resume', () => {
  test('begins what waited, and forgets what was said about the pause', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await ask(house, 'pause', { queue, until: '2099-01-01', reason: 'supplier is down' })
    const job = await house.job(queue)

    expect(await ask(house, 'resume', { queue })).toBe(true)

    expect(await house.inProgress(queue)).toEqual([job])
    const { rows: [row] } = await house.db.query('select * from supaqueue.queue where id = $1', [queue])
    expect(row).toMatchObject({ paused: false, paused_until: null, paused_reason: null })
  })

  test('of a queue that is not paused is no news', async ({ house }) => {
    expect(await ask(house, 'resume', { queue: await house.queue() })).toBe(false)
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'resume', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
