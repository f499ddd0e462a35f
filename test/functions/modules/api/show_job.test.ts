import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { failedJob, tried } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('show_job', () => {
  test('has payload, result and the last twenty attempts, newest first', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue, 'no user', { payload: '{"n": 1}', result: '[2]' })
    for (let i = 0; i < 21; i++) await tried(house, job, `error ${i}`)

    const shown = await ask(house, 'show_job', { job })

    expect(shown).toMatchObject({ id: job, payload: { n: 1 }, result: [2], status: 'failed' })
    expect(shown.history).toHaveLength(20)
    expect(shown.history[0]).toMatchObject({ attempt: 1, outcome: 'failed', status: 500, ms: null })
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'show_job', { job: 999_999_999 }))).code).toBe('SQ404')
  })
})
