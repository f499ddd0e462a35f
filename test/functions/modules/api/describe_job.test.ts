import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const described = async (harness: Harness, job: number) =>
  (await harness.db.query('select supaqueue_internal.describe_job(job) as it from supaqueue.job where id = $1', [job]))
    .rows[0].it

describe('describe_job', () => {
  test('names the queue, and leaves out payload and result', async ({ harness }) => {
    const queue = await harness.queue({ name: 'described' })
    const job = await harness.job(queue, { payload: { secret: true } })
    await harness.update('job', job, { status: 'success', result: '"secret result"', priority: 7 })

    const it = await described(harness, job)

    expect(it).toMatchObject({ id: job, queue: 'described', status: 'success', priority: 7, attempts: 0, error: null })
    expect(JSON.stringify(it)).not.toContain('secret')
  })
})
