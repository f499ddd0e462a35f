import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { failedJob, tried } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('show_job', () => {
  test('has payload, result and the last twenty attempts, newest first', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', { payload: '{"n": 1}', result: '[2]' })
    for (let i = 0; i < 21; i++) await tried(harness, job, `error ${i}`)

    const shown = await ask(harness, 'show_job', { job })

    expect(shown).toMatchObject({ id: job, payload: { n: 1 }, result: [2], status: 'failed' })
    expect(shown.history).toHaveLength(20)
    expect(shown.history[0]).toMatchObject({ attempt: 1, outcome: 'failed', status: 500, ms: null })
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'show_job', { job: 999_999_999 }))).code).toBe('SQ404')
  })
})
