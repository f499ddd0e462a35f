import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('a queue that is resumed', () => {
  test('begins the jobs that waited, and wakes a run', async ({ house }) => {
    const queue = await house.queue({ workers: 2, paused: true })
    const jobs = await house.jobs(queue, 2)

    await house.update('queue', queue, { paused: false })

    expect(await house.inProgress(queue)).toEqual(jobs)
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('stays asleep when nothing is due', async ({ house }) => {
    const queue = await house.queue({ workers: 2, paused: true })

    await house.update('queue', queue, { paused: false })

    expect(await house.wakeUps(queue)).toBe(0)
  })
})

test('a queue that is paused lets its calls end and begins nothing more', async ({ house }) => {
  const queue = await house.queue({ workers: 1 })
  const run = randomUUID()
  const [job, next] = await house.jobs(queue, 2)
  const [entry] = await house.take(run, queue)

  await house.update('queue', queue, { paused: true })
  const answer = await house.turn(run, queue, {
    reports: [{ token: entry!.current_job.id, outcome: 'success' }],
    room: 1,
  })

  expect(answer.jobs).toEqual([])
  expect((await house.jobRow(job!)).status).toBe('success')
  expect((await house.jobRow(next!)).status).toBe('pending')
})

describe('a queue whose limits change', () => {
  test.for(
    [
      ['rate_limit', { rate_limit: 'crawl' }, { rate_limit: null }],
      ['per_key', { per_key: 1 }, { per_key: 5 }],
      ['mode', { mode: 'pull' }, { mode: 'push' }],
    ] as const,
  )('%s begins the jobs that waited, and wakes a run', async ([, before, after], { house }) => {
    await house.db.query(`select supaqueue.set_rate_limit('crawl', 0.0001)`)
    const run = randomUUID()
    const queue = await house.queue({ workers: 5, ...before })
    await house.turn(run, queue)
    for (let n = 0; n < 3; n++) await house.job(queue, { concurrency_key: 'a' })
    await house.take(run, queue)
    await house.sleep(queue, run)
    const wakeUps = await house.wakeUps(queue)

    await house.update('queue', queue, after)

    expect(await house.inProgress(queue)).toHaveLength(3)
    expect(await house.wakeUps(queue)).toBe(wakeUps + 1)
  })
})
