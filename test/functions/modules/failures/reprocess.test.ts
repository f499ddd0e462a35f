import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const reprocess = async (house: House, what: Record<string, unknown>): Promise<number[]> => {
  const names = Object.keys(what)
  const { rows } = await house.db.query(
    `select unnest(supaqueue.reprocess(${names.map((name, i) => `${name} => $${i + 1}`)})) as id`,
    Object.values(what),
  )
  return rows.map(({ id }) => id)
}

/** Which jobs these are copies of. */
const originals = async (house: House, copies: number[]): Promise<number[]> =>
  (await house.db.query('select retry_of from supaqueue.job where id = any ($1) order by array_position($1, id)', [
    copies,
  ]))
    .rows.map(({ retry_of }) => retry_of)

const batch = async (house: House, queue: string): Promise<string> =>
  (await house.db.query('insert into supaqueue.batch (queue) values ($1) returning id', [queue])).rows[0].id

describe('a copy', () => {
  test('is a new job of the same content, and says of which job it is', async ({ house }) => {
    const queue = await house.queue()
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
      batch: await batch(house, queue),
      batch_index: 4,
      owner: '7e1b9d4e-0000-4000-8000-00000000000a',
      origin: { hook: 'photos_thumbnails' },
    }
    const job = await failedJob(house, queue, 'no user', { ...content, state: '{"page": 2}', deferrals: 3 })
    const before = await house.jobRow(job)

    const [copy] = await reprocess(house, { jobs: [job] })

    expect(copy).toBeGreaterThan(job)
    expect(await house.jobRow(copy!)).toMatchObject({
      ...content,
      queue,
      status: 'pending',
      attempts: 0,
      deferrals: 0,
      state: null,
      error: null,
      retry_of: job,
    })
    expect(await house.jobRow(job)).toEqual(before)
  })

  test('wakes its queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await failedJob(house, queue)

    const copies = await reprocess(house, { queue })

    expect(await house.inProgress(queue)).toEqual(copies)
  })

  test('leaves a key that stays taken until its job is pruned with that job', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue, 'no user', { dedupe_key: 'k', dedupe_pruned: true })
    await house.update('job', job, { dedupe_pruned: true })

    const [copy] = await reprocess(house, { jobs: [job] })

    expect(await house.jobRow(copy!)).toMatchObject({ retry_of: job, dedupe_key: null })
  })
})

describe('reprocess copies the failed jobs', () => {
  test('of a queue, by its name or its id', async ({ house }) => {
    const [queue, other] = [await house.queue({ name: 'bin' }), await house.queue()]
    const jobs = [await failedJob(house, queue), await failedJob(house, queue)]
    const [elsewhere] = [await failedJob(house, other), await house.job(queue, { status: 'success' })]

    expect(await originals(house, await reprocess(house, { queue: 'bin' }))).toEqual(jobs)
    expect(await originals(house, await reprocess(house, { queue: other }))).toEqual([elsewhere])
  })

  test('of a batch, and of a batch in one queue', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    const one = await batch(house, queue)
    const job = await failedJob(house, queue, 'no user', { batch: one })
    const elsewhere = await failedJob(house, other, 'no user', { batch: one })
    await failedJob(house, queue, 'no user', { batch: await batch(house, queue) })

    expect(await originals(house, await reprocess(house, { batch: one, queue: other }))).toEqual([elsewhere])
    expect(await originals(house, await reprocess(house, { batch: one }))).toEqual([job])
  })

  test('that are named, in the order of the failed ones, and at most as many as asked for', async ({ house }) => {
    const queue = await house.queue()
    const jobs: number[] = []
    for (let i = 0; i < 4; i++) jobs.push(await failedJob(house, queue))

    expect(await originals(house, await reprocess(house, { jobs: [jobs[2], jobs[0]] }))).toEqual([jobs[0], jobs[2]])
    expect(await originals(house, await reprocess(house, { queue, most: 1 }))).toEqual([jobs[3]])
    expect(await originals(house, await reprocess(house, { queue, most: 1 }))).toEqual([jobs[1]])
  })

  test('never twice, even if the copy has failed, succeeded or is old', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue)
    const [copy] = await reprocess(house, { queue })

    expect(await reprocess(house, { queue })).toEqual([])
    expect(await reprocess(house, { jobs: [job] })).toEqual([])
    await house.update('job', copy!, { status: 'success' })
    await house.db.query(`update supaqueue.job set finished_at = now() - interval '20 days' where queue = $1`, [queue])
    await house.db.query('select supaqueue.prune()')
    expect(await reprocess(house, { jobs: [job] })).toEqual([])
  })

  test('of a copy that failed, too', async ({ house }) => {
    const queue = await house.queue()
    await failedJob(house, queue)
    const [copy] = await reprocess(house, { queue })
    await house.update('job', copy!, { status: 'failed' })

    expect(await originals(house, await reprocess(house, { queue }))).toEqual([copy])
  })

  test('once, by two callers at the same moment, of whom none waits', async ({ house, another }) => {
    const queue = await house.queue()
    await failedJob(house, queue)
    const other = await another()
    await other.impatient()
    await house.begin()
    const copies = await reprocess(house, { queue })

    const besides = await reprocess(other, { queue })
    await house.commit()

    expect(copies).toHaveLength(1)
    expect(besides).toEqual([])
    expect(await reprocess(other, { queue })).toEqual([])
  })
})

describe('is left alone:', () => {
  test.for(['held', 'pending', 'success', 'cancelled'])('a job that is %s', async (status, { house }) => {
    const job = await house.job(await house.queue(), { status })

    expect(await reprocess(house, { jobs: [job] })).toEqual([])
  })

  test('a job whose dedupe_key another has taken, and the older ones of the same key', async ({ house }) => {
    const queue = await house.queue()
    const taken = await failedJob(house, queue, 'no user', { dedupe_key: 'taken' })
    const older = await failedJob(house, queue, 'no user', { dedupe_key: 'same' })
    const newer = await failedJob(house, queue, 'no user', { dedupe_key: 'same' })
    const holder = await house.job(queue, { status: 'held' })
    await house.update('job', holder, { dedupe_key: 'taken' })

    const copies = await reprocess(house, { jobs: [taken, older, newer] })

    expect(await originals(house, copies)).toEqual([newer])
  })
})

describe('is refused:', () => {
  test('neither queue, batch nor jobs', async ({ house }) => {
    expect(await refusal(reprocess(house, { most: 5 }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('supaqueue.reprocess(queue =>'),
    })
  })

  test('no such queue', async ({ house }) => {
    expect(await refusal(reprocess(house, { queue: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
  })

  test('an older picture: it does not show what was copied', async ({ house }) => {
    const queue = await house.queue()

    expect(await refusal(house.transaction(() => reprocess(house, { queue }), 'serializable'))).toMatchObject({
      code: 'SQ409',
    })
  })
})
