import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

const batchOfTwo = async (harness: Harness) => {
  const queue = await harness.queue({ workers: 1, batch_size: 2 })
  const jobs = await harness.jobs(queue, 2)
  const run = randomUUID()
  const taken = await harness.take(run, queue)
  await harness.update('queue', queue, { paused: true })
  return { queue, run, jobs: jobs as [number, number], tokens: taken.map(({ current_job }) => current_job.id) }
}

const ways: [string, (harness: Harness, job: number) => Promise<unknown>][] = [
  ['cancelled', (harness, job) => harness.db.query('select supaqueue.cancel($1)', [job])],
  ['deleted', (harness, job) => harness.delete('job', job)],
  ['put back', (harness, job) => harness.update('job', job, { status: 'pending' })],
  [
    'taken from its worker',
    async (harness, job) => await harness.delete('current_job', (await harness.currentJob(job)).id),
  ],
]

describe('a job of a batch that is', () => {
  for (const [way, leave] of ways) {
    test(`${way} leaves the worker to the others, and the last one frees it`, async ({ harness }) => {
      const { queue, jobs } = await batchOfTwo(harness)

      await leave(harness, jobs[0])
      expect(await harness.freeWorkers(queue)).toBe(0)
      await leave(harness, jobs[1])
      expect(await harness.freeWorkers(queue)).toBe(1)
      expect(await harness.currentJobs(queue)).toEqual([])
    })

    test(`${way} does not delay what becomes of the others`, async ({ harness, another }) => {
      const { queue, run, jobs, tokens } = await batchOfTwo(harness)
      const user = await another()
      await user.begin()
      await leave(user, jobs[0])

      await harness.impatient()
      const { again } = await harness.report(run, queue, [tokens[1]!])
      expect(again).toEqual([])
      await user.commit()

      expect((await harness.jobRow(jobs[1])).status).toBe('success')
      expect(await harness.freeWorkers(queue)).toBe(1)
    })
  }
})

describe('on_call_left', () => {
  test('takes all jobs from a worker that is unlocked by hand', async ({ harness }) => {
    const { queue, jobs } = await batchOfTwo(harness)
    const { worker } = await harness.currentJob(jobs[0])

    await harness.update('worker', worker, { locked: false })

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('lets two delete all jobs of two batches at once, in any order', async ({ harness, another }) => {
    const { queue, jobs } = await batchOfTwo(harness)
    const [one, two] = [await another(), await another()]
    await one.begin()
    await two.begin()
    await one.delete('job', jobs[0])
    await two.delete('job', jobs[1])
    await one.commit()
    await two.commit()

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('has the later of two who leave at the same moment free the worker', async ({ harness, another }) => {
    const { queue, jobs } = await batchOfTwo(harness)
    const [one, two] = [await another(), await another()]
    await one.begin()
    await one.delete('job', jobs[0])
    // As if it were committing.
    await one.db.query('set constraints all immediate')
    await two.begin()
    await two.delete('job', jobs[1])
    const committed = two.commit()
    await until(async () => await harness.isBlocked(two))
    await one.commit()
    await committed

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})
