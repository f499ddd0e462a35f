import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('idle_workers', () => {
  test('are those without a current job, each once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.job(queue)
    const [busy] = (await harness.currentJobs(queue)).map(({ worker }) => worker)
    const [idle] = await harness.workers(queue, 1)

    const { rows: [{ workers }] } = await harness.db.query('select supaqueue_internal.idle_workers($1) as workers', [
      [idle, busy, null, idle],
    ])
    expect(workers).toEqual([idle])
  })
})
