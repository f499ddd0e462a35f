import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('control_job', () => {
  test('cancels a job, then begins it anew, and says each time what it is', async ({ harness }) => {
    const job = await harness.job(await harness.queue())

    expect(await ask(harness, 'control_job', { job, act: 'cancel' })).toEqual({ id: job, status: 'cancelled' })
    expect(await ask(harness, 'control_job', { job, act: 'retry' })).toEqual({ id: job, status: 'pending' })
  })

  test('makes a job due at once', async ({ harness }) => {
    const job = await harness.job(await harness.queue())
    await harness.update('job', job, { run_at: '2099-01-01' })

    expect(await ask(harness, 'control_job', { job, act: 'run_now' })).toEqual({ id: job, status: 'pending' })

    expect((await harness.jobRow(job)).run_at.getFullYear()).toBeLessThan(2099)
  })

  test('refuses what the control refuses, and a control that there is not', async ({ harness }) => {
    const job = await harness.job(await harness.queue())

    expect((await refusal(ask(harness, 'control_job', { job, act: 'retry' }))).code).toBe('SQ409')
    expect((await refusal(ask(harness, 'control_job', { job: 999_999_999, act: 'cancel' }))).code).toBe('SQ404')
    expect((await refusal(ask(harness, 'control_job', { job, act: 'explode' }))).code).toBe('SQ422')
  })
})
