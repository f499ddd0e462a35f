import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

describe('in a queue with per_key', () => {
  test('no key has more jobs at once than that, and a tenant with many does not starve another', async ({ harness }) => {
    const queue = await harness.queue({ workers: 10, per_key: 2 })
    await harness.turn(run, queue)
    const loud = [5, 4, 3, 2].map((priority) => harness.job(queue, { concurrency_key: 'loud', priority }))
    const quiet = harness.job(queue, { concurrency_key: 'quiet', priority: -1 })
    const free = [
      harness.job(queue, { priority: -2 }),
      harness.job(queue, { priority: -2 }),
      harness.job(queue, { priority: -2 }),
    ]

    const taken = (await harness.take(run, queue)).map(({ job }) => job.id)

    const [first, second] = await Promise.all(loud)
    expect(taken).toEqual([first, second, await quiet, ...await Promise.all(free)])
    expect(await harness.take(run, queue)).toEqual([])
  })

  test('a key has room again with the report that ends one of its jobs', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, per_key: 1 })
    await harness.turn(run, queue)
    const jobs = [
      await harness.job(queue, { concurrency_key: 'a' }),
      await harness.job(queue, { concurrency_key: 'a' }),
    ]
    const [one] = await harness.take(run, queue)

    const { jobs: next } = await harness.turn(run, queue, {
      reports: [{ token: one!.current_job.id, outcome: 'success' }],
      room: 3,
    })

    expect(next.map(({ job }) => job.id)).toEqual(jobs.slice(1))
  })

  test('two sessions that pair at once do not exceed the cap between them, nor wait', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 10, per_key: 1 })
    await harness.turn(run, queue)
    for (const key of ['a', 'a', 'b']) await harness.job(queue, { concurrency_key: key })
    const other = await another()

    const [mine, theirs] = await harness.transaction(async () => [
      await harness.take(run, queue, 1),
      await other.take(randomUUID(), queue),
    ])

    expect(mine).toHaveLength(1)
    expect(theirs).toHaveLength(0)
    expect(await harness.take(run, queue)).toHaveLength(1)
  })

  test('takes no job that is planned, and of a key the highest priority first', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, per_key: 1 })
    await harness.turn(run, queue)
    await harness.job(queue, { concurrency_key: 'a', priority: 9, due: '1 hour' })
    await harness.job(queue, { concurrency_key: 'a', priority: 1 })
    const high = await harness.job(queue, { concurrency_key: 'a', priority: 2 })

    expect((await harness.take(run, queue)).map(({ job }) => job.id)).toEqual([high])
  })

  test('a run does not stay awake for jobs whose keys are at their cap', async ({ harness }) => {
    const queue = await harness.queue({ workers: 5, per_key: 1 })
    await harness.turn(run, queue)
    await harness.job(queue, { concurrency_key: 'a' })
    await harness.job(queue, { concurrency_key: 'a' })
    await harness.take(run, queue)

    await harness.sleep(queue, run)

    expect(await harness.heartbeat(queue)).toMatchObject({ awake: false })
  })
})
