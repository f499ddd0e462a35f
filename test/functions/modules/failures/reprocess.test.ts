import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const reprocess = async (harness: Harness, what: Record<string, unknown>): Promise<number[]> => {
  const names = Object.keys(what)
  const { rows } = await harness.db.query(
    `select unnest(supaqueue.reprocess(${names.map((name, i) => `${name} => $${i + 1}`)})) as id`,
    Object.values(what),
  )
  return rows.map(({ id }) => id)
}

/** Which jobs these are copies of. */
const originals = async (harness: Harness, copies: number[]): Promise<number[]> =>
  (await harness.db.query('select retry_of from supaqueue.job where id = any ($1) order by array_position($1, id)', [
    copies,
  ]))
    .rows.map(({ retry_of }) => retry_of)

const batch = async (harness: Harness, queue: string): Promise<string> =>
  (await harness.db.query('insert into supaqueue.batch (queue) values ($1) returning id', [queue])).rows[0].id

describe('a copy', () => {
  test('is a new job of the same content, and says of which job it is', async ({ harness }) => {
    const queue = await harness.queue()
    const content = {
      payload: { n: 1 },
      priority: 3,
      headers: { 'x-a': 'b' },
      query: { q: '1' },
      method: 'PUT',
      timeout_ms: 5000,
      max_attempts: 9,
      retry_base_ms: 7,
      retry_max_ms: 70,
      dedupe_key: 'k',
      version: 2,
      concurrency_key: 'tenant',
      batch: await batch(harness, queue),
      batch_index: 4,
      owner: '7e1b9d4e-0000-4000-8000-00000000000a',
      origin: { hook: 'photos_thumbnails' },
    }
    const job = await failedJob(harness, queue, 'no user', { ...content, state: '{"page": 2}', deferrals: 3 })
    const before = await harness.jobRow(job)

    const [copy] = await reprocess(harness, { jobs: [job] })

    expect(copy).toBeGreaterThan(job)
    expect(await harness.jobRow(copy!)).toMatchObject({
      ...content,
      queue,
      status: 'pending',
      attempts: 0,
      deferrals: 0,
      state: null,
      error: null,
      retry_of: job,
    })
    expect(await harness.jobRow(job)).toEqual(before)
  })

  test('wakes its queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await failedJob(harness, queue)

    const copies = await reprocess(harness, { queue })

    expect(await harness.inProgress(queue)).toEqual(copies)
  })

  test('leaves a key that stays taken until its job is pruned with that job', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', { dedupe_key: 'k', dedupe_pruned: true })
    await harness.update('job', job, { dedupe_pruned: true })

    const [copy] = await reprocess(harness, { jobs: [job] })

    expect(await harness.jobRow(copy!)).toMatchObject({ retry_of: job, dedupe_key: null })
  })
})

describe('reprocess copies the failed jobs', () => {
  test('of a queue, by its name or its id', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ name: 'bin' }), await harness.queue()]
    const jobs = [await failedJob(harness, queue), await failedJob(harness, queue)]
    const [elsewhere] = [await failedJob(harness, other), await harness.job(queue, { status: 'success' })]

    expect(await originals(harness, await reprocess(harness, { queue: 'bin' }))).toEqual(jobs)
    expect(await originals(harness, await reprocess(harness, { queue: other }))).toEqual([elsewhere])
  })

  test('of a batch, and of a batch in one queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const one = await batch(harness, queue)
    const job = await failedJob(harness, queue, 'no user', { batch: one })
    const elsewhere = await failedJob(harness, other, 'no user', { batch: one })
    await failedJob(harness, queue, 'no user', { batch: await batch(harness, queue) })

    expect(await originals(harness, await reprocess(harness, { batch: one, queue: other }))).toEqual([elsewhere])
    expect(await originals(harness, await reprocess(harness, { batch: one }))).toEqual([job])
  })

  test('that are named, in the order of the failed ones, and at most as many as asked for', async ({ harness }) => {
    const queue = await harness.queue()
    const jobs: number[] = []
    for (let i = 0; i < 4; i++) jobs.push(await failedJob(harness, queue))

    expect(await originals(harness, await reprocess(harness, { jobs: [jobs[2], jobs[0]] }))).toEqual([jobs[0], jobs[2]])
    expect(await originals(harness, await reprocess(harness, { queue, most: 1 }))).toEqual([jobs[3]])
    expect(await originals(harness, await reprocess(harness, { queue, most: 1 }))).toEqual([jobs[1]])
  })

  test('never twice, even if the copy has failed, succeeded or is old', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue)
    const [copy] = await reprocess(harness, { queue })

    expect(await reprocess(harness, { queue })).toEqual([])
    expect(await reprocess(harness, { jobs: [job] })).toEqual([])
    await harness.update('job', copy!, { status: 'success' })
    await harness.db.query(`update supaqueue.job set finished_at = now() - interval '20 days' where queue = $1`, [
      queue,
    ])
    await harness.db.query('select supaqueue.prune()')
    expect(await reprocess(harness, { jobs: [job] })).toEqual([])
  })

  test('of a copy that failed, too', async ({ harness }) => {
    const queue = await harness.queue()
    await failedJob(harness, queue)
    const [copy] = await reprocess(harness, { queue })
    await harness.update('job', copy!, { status: 'failed' })

    expect(await originals(harness, await reprocess(harness, { queue }))).toEqual([copy])
  })

  test('once, by two callers at the same moment, of whom none waits', async ({ harness, another }) => {
    const queue = await harness.queue()
    await failedJob(harness, queue)
    const other = await another()
    await other.impatient()
    await harness.begin()
    const copies = await reprocess(harness, { queue })

    const besides = await reprocess(other, { queue })
    await harness.commit()

    expect(copies).toHaveLength(1)
    expect(besides).toEqual([])
    expect(await reprocess(other, { queue })).toEqual([])
  })
})

describe('is left alone:', () => {
  test.for(['held', 'pending', 'success', 'cancelled'])('a job that is %s', async (status, { harness }) => {
    const job = await harness.job(await harness.queue(), { status })

    expect(await reprocess(harness, { jobs: [job] })).toEqual([])
  })

  test('a job whose dedupe_key another has taken, and the older ones of the same key', async ({ harness }) => {
    const queue = await harness.queue()
    const taken = await failedJob(harness, queue, 'no user', { dedupe_key: 'taken' })
    const older = await failedJob(harness, queue, 'no user', { dedupe_key: 'same' })
    const newer = await failedJob(harness, queue, 'no user', { dedupe_key: 'same' })
    const holder = await harness.job(queue, { status: 'held' })
    await harness.update('job', holder, { dedupe_key: 'taken' })

    const copies = await reprocess(harness, { jobs: [taken, older, newer] })

    expect(await originals(harness, copies)).toEqual([newer])
  })
})

describe('is refused:', () => {
  test('neither queue, batch nor jobs', async ({ harness }) => {
    expect(await refusal(reprocess(harness, { most: 5 }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('supaqueue.reprocess(queue =>'),
    })
  })

  test('no such queue', async ({ harness }) => {
    expect(await refusal(reprocess(harness, { queue: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
  })

  test('an older picture: it does not show what was copied', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await refusal(harness.transaction(() => reprocess(harness, { queue }), 'serializable'))).toMatchObject({
      code: 'SQ409',
    })
  })
})
