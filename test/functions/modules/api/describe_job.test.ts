import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const described = async (house: House, job: number) =>
  (await house.db.query('select supaqueue_internal.describe_job(job) as it from supaqueue.job where id = $1', [job]))
    .rows[0].it

describe('describe_job', () => {
  test('names the queue, and leaves out payload and result', async ({ house }) => {
    const queue = await house.queue({ name: 'described' })
    const job = await house.job(queue, { payload: { secret: true } })
    await house.update('job', job, { status: 'success', result: '"secret result"', priority: 7 })

    const it = await described(house, job)

    expect(it).toMatchObject({ id: job, queue: 'described', status: 'success', priority: 7, attempts: 0, error: null })
    expect(JSON.stringify(it)).not.toContain('secret')
  })
})
