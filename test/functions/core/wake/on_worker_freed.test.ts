import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('a worker that is added', () => {
  test('to a sleeping queue with a backlog gets a job, and wakes a run', async ({ house }) => {
    const queue = await house.queue()
    const [first] = await house.jobs(queue, 2)
    await house.age('heartbeat', queue)
    const wakeUps = await house.wakeUps(queue)

    await house.workers(queue, 1)

    expect(await house.inProgress(queue)).toEqual([first])
    expect(await house.wakeUps(queue)).toBe(wakeUps + 1)
  })

  test('with many others rings once', async ({ house }) => {
    const queue = await house.queue()

    // Outside of read committed every look wakes a run.
    await house.transaction(() => house.workers(queue, 100), 'repeatable read')

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('to an idle queue leaves it asleep', async ({ house }) => {
    const queue = await house.queue({ workers: 3 })

    expect(await house.wakeUps(queue)).toBe(0)
    expect((await house.heartbeat(queue)).awake).toBe(false)
  })

  test('as locked does not ring', async ({ house }) => {
    const queue = await house.queue()

    await house.transaction(
      () => house.db.query('insert into supaqueue.worker (queue, locked) values ($1, true)', [queue]),
      'repeatable read',
    )

    expect(await house.wakeUps(queue)).toBe(0)
  })
})

describe('a worker in a sleeping queue with a backlog gets a job', () => {
  test('when it was locked without one and is unlocked', async ({ house }) => {
    const queue = await house.queue()
    const { rows: [worker] } = await house.db.query(
      'insert into supaqueue.worker (queue, locked) values ($1, true) returning id',
      [queue],
    )
    const job = await house.job(queue)
    await house.age('heartbeat', queue)

    await house.update('worker', worker.id, { locked: false })

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('when it is moved here from another queue', async ({ house }) => {
    const [from, to] = [await house.queue(), await house.queue()]
    const [worker] = await house.workers(from, 1)
    const job = await house.job(to)
    await house.age('heartbeat', to)

    await house.update('worker', worker!, { queue: to })

    expect(await house.inProgress(to)).toEqual([job])
  })
})

describe('a worker that is deleted', () => {
  test('while it is free takes its worker away', async ({ house }) => {
    const queue = await house.queue()
    const [worker] = await house.workers(queue, 1)
    await house.delete('worker', worker!)

    await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([])
  })

  test('while it has a job lets that end, and its worker is not given again', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    const run = '7e57ab1e-0000-4000-8000-000000000000'
    await house.turn(run, queue)
    const [first, second, third] = await house.jobs(queue, 3)
    const entries = await house.take(run, queue)
    await house.delete('worker', (await house.currentJob(first!)).worker)

    const answer = await house.turn(run, queue, {
      reports: entries.map((entry) => ({ token: entry.current_job.id, outcome: 'success' })),
      room: 2,
    })

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect((await house.jobRow(first!)).status).toBe('success')
    expect((await house.jobRow(second!)).status).toBe('success')
    expect(answer.jobs.map((entry) => entry.job.id)).toEqual([third])
    const { rows } = await house.db.query('select count(*) from supaqueue.worker where queue = $1', [queue])
    expect(rows[0].count).toBe(1)
  })
})
