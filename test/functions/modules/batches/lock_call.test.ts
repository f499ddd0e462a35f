import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

/** Half a second is long, and some machines are longer. */
const refusedForNow = (reason: { code?: string }) => {
  if (reason.code !== 'SQ409') throw reason
  return false
}

describe('lock_call', () => {
  test('has twenty that end jobs of one batch at once all be heard, and frees the worker with the last', async ({ harness, database }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 20, mode: 'pull' })
    await harness.jobs(queue, 20)
    const { rows: picked } = await harness.db.query(
      'select token from unnest(supaqueue.pick($1, most => 20)) as picked',
      [queue],
    )
    expect(picked).toHaveLength(20)
    const sessions = await Promise.all(picked.slice(0, 4).map(async () => harnessOf(await database.connect())))

    await Promise.all(sessions.map(async (session, s) => {
      for (const { token } of picked.filter((_, i) => i % 4 === s)) {
        await until(() => session.finish(token, 'complete').then(() => true, refusedForNow))
      }
    }))

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('waits for nobody where the job has a call of its own', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const { id, worker } = await harness.currentJob(job)
    const other = await another()
    await other.begin()
    await other.hold('worker', worker)

    await harness.impatient()
    await harness.db.query('select supaqueue_internal.lock_call($1)', [id])
    await other.rollback()
  })

  test('waits for whoever ends another job of the batch', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 2 })
    await harness.jobs(queue, 2)
    const [first, second] = await harness.take(randomUUID(), queue)
    const other = await another()
    await other.begin()
    await other.endCurrentJob(first!.current_job.id, true)

    const ended = harness.endCurrentJob(second!.current_job.id, true)
    const third = await another()
    await until(async () => await third.isBlocked(harness))
    await other.commit()
    await ended

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})
