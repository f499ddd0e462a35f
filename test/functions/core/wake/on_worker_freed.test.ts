import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('a worker that is added', () => {
  test('to a sleeping queue with a backlog gets a job, and wakes a run', async ({ harness }) => {
    const queue = await harness.queue()
    const [first] = await harness.jobs(queue, 2)
    await harness.age('heartbeat', queue)
    const wakeUps = await harness.wakeUps(queue)

    await harness.workers(queue, 1)

    expect(await harness.inProgress(queue)).toEqual([first])
    expect(await harness.wakeUps(queue)).toBe(wakeUps + 1)
  })

  test('with many others rings once', async ({ harness }) => {
    const queue = await harness.queue()

    // Outside of read committed every look wakes a run.
    await harness.transaction(() => harness.workers(queue, 100), 'repeatable read')

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('to an idle queue leaves it asleep', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3 })

    expect(await harness.wakeUps(queue)).toBe(0)
    expect((await harness.heartbeat(queue)).awake).toBe(false)
  })

  test('as locked does not ring', async ({ harness }) => {
    const queue = await harness.queue()

    await harness.transaction(
      () => harness.db.query('insert into supaqueue.worker (queue, locked) values ($1, true)', [queue]),
      'repeatable read',
    )

    expect(await harness.wakeUps(queue)).toBe(0)
  })
})

describe('a worker in a sleeping queue with a backlog gets a job', () => {
  test('when it was locked without one and is unlocked', async ({ harness }) => {
    const queue = await harness.queue()
    const { rows: [worker] } = await harness.db.query(
      'insert into supaqueue.worker (queue, locked) values ($1, true) returning id',
      [queue],
    )
    const job = await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.update('worker', worker.id, { locked: false })

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('when it is moved here from another queue', async ({ harness }) => {
    const [from, to] = [await harness.queue(), await harness.queue()]
    const [worker] = await harness.workers(from, 1)
    const job = await harness.job(to)
    await harness.age('heartbeat', to)

    await harness.update('worker', worker!, { queue: to })

    expect(await harness.inProgress(to)).toEqual([job])
  })
})

describe('a worker that is deleted', () => {
  test('while it is free takes its worker away', async ({ harness }) => {
    const queue = await harness.queue()
    const [worker] = await harness.workers(queue, 1)
    await harness.delete('worker', worker!)

    await harness.job(queue)

    expect(await harness.inProgress(queue)).toEqual([])
  })

  test('while it has a job lets that end, and its worker is not given again', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    const run = '7e57ab1e-0000-4000-8000-000000000000'
    await harness.turn(run, queue)
    const [first, second, third] = await harness.jobs(queue, 3)
    const entries = await harness.take(run, queue)
    await harness.delete('worker', (await harness.currentJob(first!)).worker)

    const answer = await harness.turn(run, queue, {
      reports: entries.map((entry) => ({ token: entry.current_job.id, outcome: 'success' })),
      room: 2,
    })

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect((await harness.jobRow(first!)).status).toBe('success')
    expect((await harness.jobRow(second!)).status).toBe('success')
    expect(answer.jobs.map((entry) => entry.job.id)).toEqual([third])
    const { rows } = await harness.db.query('select count(*) from supaqueue.worker where queue = $1', [queue])
    expect(rows[0].count).toBe(1)
  })
})
