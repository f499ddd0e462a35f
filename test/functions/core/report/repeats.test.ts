import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, type Report, test } from '../../../support/harness.ts'

// What an answer asks for again and again, or for too long.

const run = randomUUID()
const url = 'https://api.example.com/'

async function answered(harness: Harness, settings: Parameters<Harness['queue']>[0], reports: Omit<Report, 'token'>[]) {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 0, retry_max_ms: 0, ...settings })
  const job = await harness.job(queue)
  for (const report of reports) {
    await harness.update('job', job, { run_at: new Date(0) })
    const [claim] = await harness.take(run, queue)
    if (!claim) break
    await harness.turn(run, queue, { reports: [{ token: claim.current_job.id, ...report }] })
  }
  return await harness.jobRow(job)
}

const again: Omit<Report, 'token'> = { outcome: 'rescheduled', retry_after_ms: 0 }
const on: Omit<Report, 'token'> = { outcome: 'continued', state: 1 }

describe('to be called again', () => {
  test('without end is in vain for a URL: a hundred times, however they are mixed', async ({ harness }) => {
    const job = await answered(
      harness,
      { url, max_attempts: 9 },
      Array(80).fill([again, { outcome: 'failed' }, on]).flat(),
    )

    expect(job).toMatchObject({ status: 'failed', repeats: 101, error: expect.stringContaining('max_repeats') })
  })

  test('is for a function to ask as often as it likes', async ({ harness }) => {
    expect(await answered(harness, {}, Array(110).fill(on))).toMatchObject({ status: 'pending', repeats: 110 })
  })

  test('is for the queue to limit', async ({ harness }) => {
    expect(await answered(harness, { max_repeats: 2 }, [on, again, on])).toMatchObject({ status: 'failed' })
    expect(await answered(harness, { max_repeats: 0 }, [on])).toMatchObject({ status: 'failed' })
  })
})

test.for(
  [
    [{ url }, 3600],
    [{}, 86_400],
    [{ url, max_lease_ms: 60_000 }, 60],
  ] as const,
)(
  'a lease of a day, asked for where the queue is %j, is one of %i seconds',
  async ([settings, seconds], { harness }) => {
    const queue = await harness.queue({ workers: 1, ...settings, timeout_ms: 1000 })
    const job = await harness.job(queue)
    const [claim] = await harness.take(run, queue)

    const before = Date.now()
    await harness.turn(run, queue, {
      reports: [{ token: claim!.current_job.id, outcome: 'later', lease_ms: 86_400_000 }],
    })
    const after = Date.now()

    const { lease_until } = await harness.currentJob(job)
    // A hundredth for what JavaScript's clock and the database's do not share.
    expect((lease_until.getTime() - before) / 1000).toBeGreaterThan(seconds * 0.99)
    expect((lease_until.getTime() - after) / 1000).toBeLessThan(seconds * 1.01)
  },
)
