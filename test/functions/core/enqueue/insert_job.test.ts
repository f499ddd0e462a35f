import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const enqueue = (harness: Harness, queue: string, on_conflict: string, more: Record<string, unknown> = {}) =>
  ask(harness, 'enqueue', { queue, dedupe_key: 'k', on_conflict, ...more })

/** A queue that begins nothing, with one job that has the key. */
async function taken(harness: Harness, dedupe_until = 'finished', more: Record<string, unknown> = {}) {
  const queue = await harness.queue()
  await harness.update('queue', queue, { dedupe_until })
  return { queue, job: await enqueue(harness, queue, 'error', { payload: { n: 1 }, ...more }) }
}

const jobsOf = async (harness: Harness, queue: string): Promise<number[]> =>
  (await harness.db.query('select id from supaqueue.job where queue = $1 order by id', [queue])).rows.map(({ id }) =>
    id
  )

describe('a dedupe_key that is taken', () => {
  test('is an error that names the job which has it', async ({ harness }) => {
    const { queue, job } = await taken(harness)

    expect(await refusal(enqueue(harness, queue, 'error'))).toMatchObject({
      code: 'SQ409',
      message: `the dedupe_key 'k' is taken by job ${job}, which is pending`,
      hint: expect.stringContaining('skip'),
    })
    expect(await jobsOf(harness, queue)).toEqual([job])
  })

  test('skipped gives the id of the job that has it, and leaves that as it is', async ({ harness }) => {
    const { queue, job } = await taken(harness)

    expect(await enqueue(harness, queue, 'skip', { payload: { n: 2 } })).toBe(job)
    expect((await harness.jobRow(job)).payload).toEqual({ n: 1 })
    expect(await jobsOf(harness, queue)).toEqual([job])
  })

  test.for(['error', 'skip', 'replace'])(
    'is free again once that job has ended (%s)',
    async (on_conflict, { harness }) => {
      const { queue, job } = await taken(harness)
      await harness.update('job', job, { status: 'success' })

      const next = await enqueue(harness, queue, on_conflict)

      expect(next).not.toBe(job)
      expect((await harness.jobRow(job)).status).toBe('success')
    },
  )

  test('is still taken by a job that has ended where the queue says so', async ({ harness }) => {
    const { queue, job } = await taken(harness, 'pruned')
    await harness.update('job', job, { status: 'success' })

    expect((await refusal(enqueue(harness, queue, 'error'))).message).toMatch(`taken by job ${job}, which is success`)
    expect(await enqueue(harness, queue, 'skip')).toBe(job)
  })
})

describe('a job that is replaced', () => {
  test('keeps its id and becomes the new one, with all its attempts', async ({ harness }) => {
    const { queue, job } = await taken(harness, 'finished', {
      priority: 1,
      headers: { 'x-a': '1' },
      timeout_ms: 5,
      max_attempts: 2,
    })
    await harness.update('job', job, {
      attempts: 1,
      deferrals: 3,
      error: 'no',
      state: '{"at": 3}',
      progress_note: 'half',
    })
    const wanted = { payload: { n: 2 }, priority: 9, version: 4, concurrency_key: 'c' }

    expect(await enqueue(harness, queue, 'replace', { ...wanted, run_at: '2099-01-01T00:00:00Z' })).toBe(job)

    expect(await harness.jobRow(job)).toMatchObject({
      ...wanted,
      run_at: new Date('2099-01-01T00:00:00Z'),
      status: 'pending',
      headers: null,
      timeout_ms: null,
      max_attempts: null,
      attempts: 0,
      deferrals: 0,
      error: null,
      state: null,
      progress_note: null,
      dedupe_key: 'k',
    })
  })

  test('wakes its queue when it comes earlier', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await enqueue(harness, queue, 'error', { delay: '1 hour' })

    await enqueue(harness, queue, 'replace')

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('stays held when it was, and is held when that is wanted', async ({ harness }) => {
    const { queue, job } = await taken(harness, 'finished', { held: true })
    await enqueue(harness, queue, 'replace')
    const other = await taken(harness)
    await enqueue(harness, other.queue, 'replace', { held: true })

    expect((await harness.jobRow(job)).status).toBe('held')
    expect((await harness.jobRow(other.job)).status).toBe('held')
  })

  test('begins anew when it had ended and still has its key', async ({ harness }) => {
    const { queue, job } = await taken(harness, 'pruned')
    await harness.update('job', job, { status: 'success', result: '1', attempts: 3 })

    expect(await enqueue(harness, queue, 'replace', { payload: { n: 2 } })).toBe(job)
    expect(await harness.jobRow(job)).toMatchObject({
      status: 'pending',
      payload: { n: 2 },
      attempts: 0,
      result: null,
      finished_at: null,
    })
  })

  test('cannot be one in progress', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await enqueue(harness, queue, 'error')

    expect(await refusal(enqueue(harness, queue, 'replace', { payload: { n: 2 } }))).toMatchObject({
      code: 'SQ409',
      message: `the dedupe_key 'k' is taken by job ${job}, which is in progress`,
      hint: expect.stringContaining('cancel'),
    })
    expect((await harness.jobRow(job)).payload).toEqual({})
  })
})

describe('two sessions that enqueue the same key at once', () => {
  /** The second one's statement waits for the first one's transaction, which then ends. */
  async function race(
    harness: Harness,
    first: Harness,
    second: Harness,
    on_conflict: string,
    end: 'commit' | 'rollback',
  ) {
    const queue = await harness.queue()
    await first.begin()
    const one = await enqueue(first, queue, 'error', { payload: { n: 1 } })
    const two = enqueue(second, queue, on_conflict, { payload: { n: 2 } }).catch((reason) => reason)
    await until(() => harness.isBlocked(second))
    await first[end]()
    return { queue, one, two: await two }
  }

  test.for(['error', 'skip', 'replace'])(
    'both get in when the first gives up (%s)',
    async (on_conflict, { harness, another }) => {
      const { queue, two } = await race(harness, await another(), await another(), on_conflict, 'rollback')

      expect(await jobsOf(harness, queue)).toEqual([two])
      expect((await harness.jobRow(two)).payload).toEqual({ n: 2 })
    },
  )

  test('error: the second is told of the first', async ({ harness, another }) => {
    const { queue, one, two } = await race(harness, await another(), await another(), 'error', 'commit')

    expect(two).toMatchObject({ code: 'SQ409', message: expect.stringContaining(`by job ${one}`) })
    expect(await jobsOf(harness, queue)).toEqual([one])
  })

  test('skip: the second gets the id of the first', async ({ harness, another }) => {
    const { queue, one, two } = await race(harness, await another(), await another(), 'skip', 'commit')

    expect(two).toBe(one)
    expect(await jobsOf(harness, queue)).toEqual([one])
    expect((await harness.jobRow(one)).payload).toEqual({ n: 1 })
  })

  test('replace: the second writes over the first', async ({ harness, another }) => {
    const { queue, one, two } = await race(harness, await another(), await another(), 'replace', 'commit')

    expect(two).toBe(one)
    expect(await jobsOf(harness, queue)).toEqual([one])
    expect((await harness.jobRow(one)).payload).toEqual({ n: 2 })
  })

  test.for(['error', 'skip', 'replace'])(
    'twenty at a time, and one job has the key (%s)',
    async (on_conflict, { harness, another }) => {
      const queue = await harness.queue()
      const sessions = await Promise.all(Array.from({ length: 20 }, () => another()))

      const results = await Promise.allSettled(sessions.map((session) => enqueue(session, queue, on_conflict)))

      const [job, ...others] = await jobsOf(harness, queue)
      expect(others).toEqual([])
      const fulfilled = results.filter((result) => result.status === 'fulfilled')
      const rejected = results.filter((result) => result.status === 'rejected')
      expect(new Set(fulfilled.map((result) => result.value))).toEqual(new Set([job]))
      expect(new Set(rejected.map((result) => result.reason.code))).toEqual(
        new Set(on_conflict === 'error' ? ['SQ409'] : []),
      )
      expect(fulfilled).toHaveLength(on_conflict === 'error' ? 1 : 20)
    },
  )

  test.for(['repeatable read', 'serializable'])(
    'under %s the second is told to try again, in words that nobody retries for ever',
    async (isolation, { harness, another }) => {
      const queue = await harness.queue()
      const second = await another()
      await second.begin(isolation)
      await second.jobRow(0)
      await enqueue(harness, queue, 'error')

      expect(await refusal(enqueue(second, queue, 'skip'))).toMatchObject({
        code: 'SQ409',
        message: `the dedupe_key 'k' was written by another transaction since this one began`,
        hint: expect.stringContaining('read committed'),
      })
      await second.rollback()
    },
  )

  test('under repeatable read a key that nobody took meanwhile is as ever', async ({ harness }) => {
    const { queue, job } = await taken(harness)

    const [skipped, made] = await harness.transaction(async () => [
      await enqueue(harness, queue, 'skip'),
      await enqueue(harness, queue, 'skip', { dedupe_key: randomUUID() }),
    ], 'repeatable read')

    expect(skipped).toBe(job)
    expect(await jobsOf(harness, queue)).toEqual([job, made])
  })

  test.for(['finished', 'pruned'])(
    'a job is begun while its replacement waits for its row: the replacement is refused (%s)',
    async (dedupeUntil, { harness, another }) => {
      const { queue, job } = await taken(harness, dedupeUntil)
      const [dispatch, user] = [await another(), await another()]
      await dispatch.begin()
      await dispatch.workers(queue, 1)
      await dispatch.processJobs(queue)

      const replaced = refusal(enqueue(user, queue, 'replace', { payload: { n: 2 } }))
      await until(() => harness.isBlocked(user))
      await dispatch.commit()

      expect(await replaced).toMatchObject({ code: 'SQ409', message: expect.stringContaining('in progress') })
      expect((await harness.jobRow(job)).payload).toEqual({ n: 1 })
    },
  )
})
