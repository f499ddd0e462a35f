import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const enqueue = (
  harness: Harness,
  queue: string,
  on_conflict: string,
  more: Record<string, unknown> = {},
): Promise<number> => ask(harness, 'enqueue', { queue, dedupe_key: 'k', on_conflict, ...more })

/** A queue whose keys are free once their job begins. */
async function begunQueue(harness: Harness, more: Record<string, unknown> = {}) {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 0, ...more })
  await harness.update('queue', queue, { dedupe_until: 'begun' })
  return queue
}

/** What there is of the key, in the order in which it came. */
const story = async (harness: Harness, queue: string) =>
  (await harness.db.query(
    `select id, status::text, payload ->> 'n' as n, dedupe_key, begun_key from supaqueue.job where queue = $1 order by id`,
    [queue],
  )).rows

describe('a dedupe_key that is free once its job begins', () => {
  test.for([1, 5])('lets one wait while one runs, %s to a call', async (batch_size, { harness }) => {
    const queue = await begunQueue(harness, { batch_size })
    const run = randomUUID()
    await harness.turn(run, queue)
    const first = await enqueue(harness, queue, 'skip', { payload: { n: 1 } })
    expect(await enqueue(harness, queue, 'skip', { payload: { n: 2 } })).toBe(first)
    await harness.take(run, queue)

    const second = await enqueue(harness, queue, 'skip', { payload: { n: 3 } })
    expect(await enqueue(harness, queue, 'skip', { payload: { n: 4 } })).toBe(second)
    expect(await enqueue(harness, queue, 'replace', { payload: { n: 5 } })).toBe(second)
    expect((await refusal(enqueue(harness, queue, 'error'))).message).toMatch(
      `taken by job ${second}, which is pending`,
    )

    expect(await story(harness, queue)).toEqual([
      { id: first, status: 'in_progress', n: '1', dedupe_key: null, begun_key: 'k' },
      { id: second, status: 'pending', n: '5', dedupe_key: 'k', begun_key: null },
    ])
  })

  test('is taken from nobody by the job that is tried again', async ({ harness }) => {
    const queue = await begunQueue(harness)
    const run = randomUUID()
    await harness.turn(run, queue)
    const first = await enqueue(harness, queue, 'skip')
    const [entry] = await harness.take(run, queue)
    const second = await enqueue(harness, queue, 'skip')

    await harness.turn(run, queue, { reports: [{ token: entry!.current_job.id, outcome: 'failed' }] })
    await harness.update('job', second, { status: 'cancelled' })
    await ask(harness, 'retry', { job: second })

    expect(await story(harness, queue)).toMatchObject([
      { id: first, status: 'pending', dedupe_key: null },
      { id: second, status: 'pending', dedupe_key: 'k' },
    ])
  })

  test('is free, too, when its job begins on a paused queue', async ({ harness }) => {
    const queue = await begunQueue(harness, { paused: true })
    const first = await enqueue(harness, queue, 'skip')

    expect(await ask(harness, 'run_now', { job: first })).toBe(true)

    expect(await enqueue(harness, queue, 'skip')).not.toBe(first)
  })

  test('is free, too, of a job that begins by itself', async ({ harness }) => {
    const queue = await begunQueue(harness, { workers: 0 })
    const first = await enqueue(harness, queue, 'skip')
    await harness.update('queue', queue, { paused: true })
    const [worker] = await harness.workers(queue, 1)

    await harness.db.query(
      'select supaqueue_internal.begin_alone($1, queue, $2, $3) from supaqueue.queue where id = $4',
      [first, worker, randomUUID(), queue],
    )

    expect(await story(harness, queue)).toMatchObject([{ status: 'in_progress', dedupe_key: null, begun_key: 'k' }])
  })

  test('stays taken where it was given until it is pruned', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.update('queue', queue, { dedupe_until: 'pruned' })
    const first = await enqueue(harness, queue, 'skip')
    await harness.update('queue', queue, { dedupe_until: 'begun' })

    await harness.processJobs(queue)

    expect(await enqueue(harness, queue, 'skip')).toBe(first)
  })

  test('many at once: those that wait are replaced, the others come new', async ({ harness }) => {
    const queue = await begunQueue(harness, { workers: 0 })
    const jobs = ['a', 'b'].map((dedupe_key) => ({ dedupe_key, payload: { n: dedupe_key } }))
    await ask(harness, 'enqueue_many', { queue, jobs: JSON.stringify(jobs) })
    await harness.workers(queue, 1)
    expect(await harness.processJobs(queue)).toBe(1)

    const { rows: again } = await harness.db.query(
      `select id from unnest(supaqueue.enqueue_many($1, $2, on_conflict => 'replace'))`,
      [queue, JSON.stringify(jobs.map((job) => ({ ...job, payload: { n: `${job.dedupe_key}2` } })))],
    )

    const [running, waiting] = await story(harness, queue)
    expect(again).toEqual([{ id: expect.any(Number) }, { id: waiting.id }])
    expect(again[0].id).not.toBe(running.id)
    expect((await story(harness, queue)).map(({ n, status }) => `${n} ${status}`)).toEqual([
      'a in_progress',
      'b2 pending',
      'a2 pending',
    ])
  })

  test('while its job begins: who replaces it gets a job of its own', async ({ harness, another }) => {
    const queue = await begunQueue(harness, { workers: 0 })
    const first = await enqueue(harness, queue, 'error', { payload: { n: 1 } })
    const [dispatch, user] = [await another(), await another()]
    await dispatch.begin()
    await dispatch.workers(queue, 1)
    await dispatch.processJobs(queue)

    const replaced = enqueue(user, queue, 'replace', { payload: { n: 2 } })
    await until(() => harness.isBlocked(user))
    await dispatch.commit()

    const second = await replaced
    expect(second).not.toBe(first)
    expect(await story(harness, queue)).toMatchObject([{ status: 'in_progress', n: '1' }, {
      status: 'pending',
      n: '2',
    }])
  })
})
