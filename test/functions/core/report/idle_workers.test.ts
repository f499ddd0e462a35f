import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('idle_workers', () => {
  test('are those without a current job, each once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.job(queue)
    const [busy] = (await house.currentJobs(queue)).map(({ worker }) => worker)
    const [idle] = await house.workers(queue, 1)

    const { rows: [{ workers }] } = await house.db.query('select supaqueue_internal.idle_workers($1) as workers', [
      [idle, busy, null, idle],
    ])
    expect(workers).toEqual([idle])
  })
})
