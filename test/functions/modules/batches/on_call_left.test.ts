import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

const batchOfTwo = async (house: House) => {
  const queue = await house.queue({ workers: 1, batch_size: 2 })
  const jobs = await house.jobs(queue, 2)
  const run = randomUUID()
  const taken = await house.take(run, queue)
  await house.update('queue', queue, { paused: true })
  return { queue, run, jobs: jobs as [number, number], tokens: taken.map(({ current_job }) => current_job.id) }
}

const ways: [string, (house: House, job: number) => Promise<unknown>][] = [
  ['cancelled', (house, job) => house.db.query('select supaqueue.cancel($1)', [job])],
  ['deleted', (house, job) => house.delete('job', job)],
  ['put back', (house, job) => house.update('job', job, { status: 'pending' })],
  ['taken from its worker', async (house, job) => await house.delete('current_job', (await house.currentJob(job)).id)],
]

describe('a job of a batch that is', () => {
  for (const [way, leave] of ways) {
    test(`${way} leaves the worker to the others, and the last one frees it`, async ({ house }) => {
      const { queue, jobs } = await batchOfTwo(house)

      await leave(house, jobs[0])
      expect(await house.freeWorkers(queue)).toBe(0)
      await leave(house, jobs[1])
      expect(await house.freeWorkers(queue)).toBe(1)
      expect(await house.currentJobs(queue)).toEqual([])
    })

    test(`${way} does not delay what becomes of the others`, async ({ house, another }) => {
      const { queue, run, jobs, tokens } = await batchOfTwo(house)
      const user = await another()
      await user.begin()
      await leave(user, jobs[0])

      await house.impatient()
      const { again } = await house.report(run, queue, [tokens[1]!])
      expect(again).toEqual([])
      await user.commit()

      expect((await house.jobRow(jobs[1])).status).toBe('success')
      expect(await house.freeWorkers(queue)).toBe(1)
    })
  }
})

describe('on_call_left', () => {
  test('takes all jobs from a worker that is unlocked by hand', async ({ house }) => {
    const { queue, jobs } = await batchOfTwo(house)
    const { worker } = await house.currentJob(jobs[0])

    await house.update('worker', worker, { locked: false })

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('lets two delete all jobs of two batches at once, in any order', async ({ house, another }) => {
    const { queue, jobs } = await batchOfTwo(house)
    const [one, two] = [await another(), await another()]
    await one.begin()
    await two.begin()
    await one.delete('job', jobs[0])
    await two.delete('job', jobs[1])
    await one.commit()
    await two.commit()

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('has the later of two who leave at the same moment free the worker', async ({ house, another }) => {
    const { queue, jobs } = await batchOfTwo(house)
    const [one, two] = [await another(), await another()]
    await one.begin()
    await one.delete('job', jobs[0])
    // As if it were committing.
    await one.db.query('set constraints all immediate')
    await two.begin()
    await two.delete('job', jobs[1])
    const committed = two.commit()
    await until(async () => await house.isBlocked(two))
    await one.commit()
    await committed

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
  })
})
