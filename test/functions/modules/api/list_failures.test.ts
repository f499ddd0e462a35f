import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { failedJob, fingerprintOf } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('list_failures', () => {
  test('lists what the jobs of the queue failed of, the most frequent first', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    for (const words of ['no user', 'no room', 'no room']) await failedJob(harness, queue, words)
    await failedJob(harness, other, 'elsewhere')

    const { failures } = await ask(harness, 'list_failures', { queue })

    expect(failures).toMatchObject([
      { fingerprint: fingerprintOf('no room'), jobs: 2, example_error: expect.stringContaining('no room') },
      { fingerprint: fingerprintOf('no user'), jobs: 1 },
    ])
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'list_failures', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
