import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

/** Half a second is long, and some machines are longer. */
const refusedForNow = (reason: { code?: string }) => {
  if (reason.code !== 'SQ409') throw reason
  return false
}

describe('hold_call', () => {
  test('has twenty that end jobs of one batch at once all be heard, and frees the worker with the last', async ({ house, database }) => {
    const queue = await house.queue({ workers: 1, batch_size: 20, mode: 'pull' })
    await house.jobs(queue, 20)
    const { rows: picked } = await house.db.query(
      'select token from unnest(supaqueue.pick($1, most => 20)) as picked',
      [queue],
    )
    expect(picked).toHaveLength(20)
    const sessions = await Promise.all(picked.slice(0, 4).map(async () => houseOf(await database.connect())))

    await Promise.all(sessions.map(async (session, s) => {
      for (const { token } of picked.filter((_, i) => i % 4 === s)) {
        await until(() => session.finish(token, 'complete').then(() => true, refusedForNow))
      }
    }))

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('waits for nobody where the job has a call of its own', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    const { id, worker } = await house.currentJob(job)
    const other = await another()
    await other.begin()
    await other.hold('worker', worker)

    await house.impatient()
    await house.db.query('select supaqueue_internal.hold_call($1)', [id])
    await other.rollback()
  })

  test('waits for whoever ends another job of the batch', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1, batch_size: 2 })
    await house.jobs(queue, 2)
    const [first, second] = await house.take(randomUUID(), queue)
    const other = await another()
    await other.begin()
    await other.endCurrentJob(first!.current_job.id, true)

    const ended = house.endCurrentJob(second!.current_job.id, true)
    const third = await another()
    await until(async () => await third.isBlocked(house))
    await other.commit()
    await ended

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
  })
})
