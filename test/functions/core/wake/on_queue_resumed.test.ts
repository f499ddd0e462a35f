import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('a queue that is resumed', () => {
  test('begins the jobs that waited, and wakes a run', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, paused: true })
    const jobs = await harness.jobs(queue, 2)

    await harness.update('queue', queue, { paused: false })

    expect(await harness.inProgress(queue)).toEqual(jobs)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('stays asleep when nothing is due', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, paused: true })

    await harness.update('queue', queue, { paused: false })

    expect(await harness.wakeUps(queue)).toBe(0)
  })
})

test('a queue that is paused lets its calls end and begins nothing more', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1 })
  const run = randomUUID()
  const [job, next] = await harness.jobs(queue, 2)
  const [entry] = await harness.take(run, queue)

  await harness.update('queue', queue, { paused: true })
  const answer = await harness.turn(run, queue, {
    reports: [{ token: entry!.current_job.id, outcome: 'success' }],
    room: 1,
  })

  expect(answer.jobs).toEqual([])
  expect((await harness.jobRow(job!)).status).toBe('success')
  expect((await harness.jobRow(next!)).status).toBe('pending')
})

describe('a queue whose limits change', () => {
  test.for(
    [
      ['rate_limit', { rate_limit: 'crawl' }, { rate_limit: null }],
      ['per_key', { per_key: 1 }, { per_key: 5 }],
      ['mode', { mode: 'pull' }, { mode: 'push' }],
    ] as const,
  )('%s begins the jobs that waited, and wakes a run', async ([, before, after], { harness }) => {
    await harness.db.query(`select supaqueue.set_rate_limit('crawl', 0.0001)`)
    const run = randomUUID()
    const queue = await harness.queue({ workers: 5, ...before })
    await harness.turn(run, queue)
    for (let n = 0; n < 3; n++) await harness.job(queue, { concurrency_key: 'a' })
    await harness.take(run, queue)
    await harness.sleep(queue, run)
    const wakeUps = await harness.wakeUps(queue)

    await harness.update('queue', queue, after)

    expect(await harness.inProgress(queue)).toHaveLength(3)
    expect(await harness.wakeUps(queue)).toBe(wakeUps + 1)
  })
})
