import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const pick = async (harness: Harness, queue: string, named: Record<string, unknown> = {}) => {
  const names = Object.keys(named)
  const { rows } = await harness.db.query(
    `select * from unnest(supaqueue.pick($1${names.map((name, place) => `, ${name} => $${place + 2}`).join('')}))`,
    [queue, ...Object.values(named)],
  )
  return rows
}

const pullQueue = async (harness: Harness, settings = {}) => {
  const name = `pull ${randomUUID()}`
  return { name, queue: await harness.queue({ name, workers: 3, mode: 'pull', ...settings }) }
}

describe('a queue that is pulled from', () => {
  test('is not dispatched: no wake-up, no pairing, nothing for a run that comes all the same', async ({ harness }) => {
    const { queue } = await pullQueue(harness)

    await harness.jobs(queue, 2)
    await harness.sweep()
    const answer = await harness.turn(randomUUID(), queue, { room: 5 })

    expect(answer.jobs).toEqual([])
    expect(await harness.wakeUps(queue)).toBe(0)
    expect(await harness.processJobs(queue)).toBe(0)
  })

  test('gives jobs to whoever picks, in order, with payload, attempt and lease, one worker each', async ({ harness }) => {
    const { name, queue } = await pullQueue(harness)
    const [low, high, more, tooMany] = [
      await harness.job(queue, { payload: { n: 1 } }),
      await harness.job(queue, { payload: { n: 2 }, priority: 5, version: 3 }),
      await harness.job(queue, { priority: -1 }),
      await harness.job(queue, { priority: -2 }),
    ]

    const picked = await pick(harness, name, { most: 10, lock_duration: '5 minutes' })

    expect(picked.map(({ job }) => job)).toEqual([high, low, more])
    expect(picked[0]).toMatchObject({ payload: { n: 2 }, attempts: 1, job_version: 3, priority: 5 })
    expect(picked[0].lease_until - Date.now()).toBeGreaterThan(4 * 60_000)
    expect(await harness.freeWorkers(queue)).toBe(0)
    expect(await pick(harness, name)).toEqual([])
    expect((await harness.jobRow(tooMany!)).status).toBe('pending')
  })

  test('gives one job by default, and only of the version that is asked for', async ({ harness }) => {
    const { name, queue } = await pullQueue(harness)
    await harness.job(queue, { version: 1, priority: 9 })
    const two = await harness.job(queue, { version: 2 })
    await harness.job(queue, { version: 2, priority: -1 })

    expect((await pick(harness, name, { version: 2 })).map(({ job }) => job)).toEqual([two])
  })

  test('with a batch_size gives single jobs, of which one worker holds as many as a batch has', async ({ harness }) => {
    const { name, queue } = await pullQueue(harness, { batch_size: 4 })
    const jobs = await harness.jobs(queue, 20)

    const picked = await pick(harness, name, { most: 6 })
    expect(picked.map(({ job }) => Number(job)).toSorted((a, b) => a - b)).toEqual(jobs.slice(0, 6))
    expect(await harness.freeWorkers(queue)).toBe(1)

    for (const { token } of picked) await harness.finish(token, 'complete')
    expect(await harness.freeWorkers(queue)).toBe(3)
    expect(await pick(harness, name, { most: 20 })).toHaveLength(12)
  })

  test('never gives a job to two', async ({ harness, another }) => {
    const { name, queue } = await pullQueue(harness, { workers: 20 })
    await harness.jobs(queue, 20)
    const sessions = [harness, await another(), await another()]

    const picked =
      (await Promise.all(sessions.flatMap((session) => [1, 2].map(() => pick(session, name, { most: 5 }))))).flat()

    expect(new Set(picked.map(({ job }) => job)).size).toBe(picked.length)
  })

  test.for(
    [
      ['complete', { result: { ok: true } }, { status: 'success', attempts: 1, result: { ok: true } }],
      ['reject', { message: 'no' }, { status: 'pending', attempts: 1, error: 'no' }],
      ['reschedule', { after_ms: 60_000 }, { status: 'pending', attempts: 0 }],
      ['kill', { message: 'never' }, { status: 'failed', attempts: 1, error: 'never' }],
      ['continue', { state: { page: 2 } }, { status: 'pending', attempts: 0, state: { page: 2 } }],
    ] as const,
  )('is told by the token: %s', async ([outcome, more, job], { harness }) => {
    const { name, queue } = await pullQueue(harness)
    const id = await harness.job(queue)
    const [picked] = await pick(harness, name)

    await harness.finish(picked.token, outcome, more)

    expect(await harness.jobRow(id)).toMatchObject(job)
    expect(await harness.freeWorkers(queue)).toBe(3)
  })

  test('takes back what was not ended in time, as an attempt; extend makes the time longer', async ({ harness }) => {
    const { name, queue } = await pullQueue(harness, { retry_base_ms: 0 })
    const [lost, kept] = await harness.jobs(queue, 2)
    const picked = await pick(harness, name, { most: 2 })
    await harness.age('current_job', queue)
    await harness.extend(picked.find(({ job }) => job === kept).token)

    await harness.sweep()

    expect(await harness.jobRow(lost!)).toMatchObject({ status: 'pending', attempts: 1 })
    expect(await harness.jobRow(kept!)).toMatchObject({ status: 'in_progress' })
    expect(await refusal(harness.finish(picked.find(({ job }) => job === lost).token, 'complete'))).toMatchObject({
      code: 'SQ404',
    })
  })

  test('gives nothing while it is paused', async ({ harness }) => {
    const { name, queue } = await pullQueue(harness, { paused: true })
    await harness.job(queue)

    expect(await pick(harness, name)).toEqual([])
  })
})

describe('pick is refused', () => {
  test('for a queue that is not there, or that is called', async ({ harness }) => {
    const called = await harness.queue({ workers: 1 })

    expect(await refusal(pick(harness, 'nobody'))).toMatchObject({
      code: 'SQ404',
      hint: expect.stringContaining('supaqueue.queue'),
    })
    expect(await refusal(pick(harness, called))).toMatchObject({ code: 'SQ409', hint: expect.stringContaining('mode') })
  })

  test.for([{ most: 0 }, { most: null }, { lock_duration: '-1 second' }, { lock_duration: '2 days' }])(
    'for %j, and nothing is taken',
    async (named, { harness }) => {
      const { name, queue } = await pullQueue(harness)
      await harness.job(queue)

      expect(await refusal(pick(harness, name, named))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringMatching(/\S/),
      })
      expect(await harness.freeWorkers(queue)).toBe(3)
    },
  )
})
