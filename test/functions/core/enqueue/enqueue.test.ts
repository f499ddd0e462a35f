import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const inMs = (later: Date, earlier: Date) => later.getTime() - earlier.getTime()

const jobsOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select count(*) from supaqueue.job where queue = $1', [queue])).rows[0].count

describe('enqueue', () => {
  test('needs no more than the name of a queue', async ({ harness }) => {
    const queue = await harness.queue({ name: `mail-${randomUUID()}` })
    const { rows: [{ name }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [queue])

    const job = await ask(harness, 'enqueue', { queue: name })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({
      queue,
      payload: {},
      status: 'pending',
      priority: 0,
      attempts: 0,
      dedupe_key: null,
      dedupe_pruned: false,
      begun_key: null,
      headers: null,
      version: null,
      max_attempts: null,
      timeout_ms: null,
      concurrency_key: null,
      batch: null,
      batch_index: null,
    })
    expect(row.run_at).toEqual(row.created_at)
  })

  test('writes down all that it is given', async ({ harness }) => {
    const queue = await harness.queue()
    const { rows: [{ id: batch }] } = await harness.db.query(
      'insert into supaqueue.batch (queue) values ($1) returning id',
      [queue],
    )
    const wanted = {
      payload: { n: 1 },
      priority: 7,
      dedupe_key: 'k',
      headers: { 'x-team': 'mail' },
      version: 3,
      max_attempts: 9,
      timeout_ms: 1234,
      concurrency_key: 'tenant-1',
      batch,
    }

    const job = await ask(harness, 'enqueue', { queue, run_at: '2099-01-02T03:04:05.678Z', ...wanted })

    expect(await harness.jobRow(job)).toMatchObject({ ...wanted, run_at: new Date('2099-01-02T03:04:05.678Z') })
  })

  test('by a delay counts from now', async ({ harness }) => {
    const queue = await harness.queue()

    const job = await ask(harness, 'enqueue', { queue, delay: '10 seconds' })

    const row = await harness.jobRow(job)
    expect(inMs(row.run_at, row.created_at)).toBe(10_000)
  })

  test('reads what is null as left out', async ({ harness }) => {
    const queue = await harness.queue()

    const job = await ask(harness, 'enqueue', { queue, payload: null, priority: null, held: null, depends_on: null })

    expect(await harness.jobRow(job)).toMatchObject({ payload: {}, priority: 0, status: 'pending' })
  })

  test('held waits until it is released', async ({ harness }) => {
    const queue = await harness.queue()

    const job = await ask(harness, 'enqueue', { queue, held: true })

    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('wakes its queue, as an insert does', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })

    const job = await ask(harness, 'enqueue', { queue })

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('waits for the jobs it depends on', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const sources = await harness.jobs(queue, 2)

    const job = await ask(harness, 'enqueue', { queue, depends_on: [...sources, sources[0]] })

    const { rows } = await harness.db.query(
      'select source, on_failure from supaqueue.job_dependency where target = $1 order by source',
      [job],
    )
    expect(rows).toEqual(sources.map((source) => ({ source, on_failure: 'cancel' })))
    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('held stays held when the jobs it depends on have ended', async ({ harness }) => {
    const queue = await harness.queue()
    const source = await harness.job(queue)
    const waiting = await ask(harness, 'enqueue', { queue, depends_on: [source] })
    const held = await ask(harness, 'enqueue', { queue, depends_on: [source], held: true })

    await harness.update('job', source, { status: 'success' })

    expect((await harness.jobRow(waiting)).status).toBe('pending')
    expect((await harness.jobRow(held)).status).toBe('held')
  })

  test('refuses to depend on a job that is not there, and enqueues nothing', async ({ harness }) => {
    const queue = await harness.queue()

    expect((await refusal(ask(harness, 'enqueue', { queue, depends_on: [0] }))).code).toBe('SQ404')
    expect(await jobsOf(harness, queue)).toBe(0)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'enqueue', { queue: randomUUID() }))).code).toBe('SQ404')
  })

  test('refuses a batch that is not there, and says how one comes to be', async ({ harness }) => {
    const queue = await harness.queue()
    const batch = randomUUID()

    expect(await refusal(ask(harness, 'enqueue', { queue, batch }))).toMatchObject({
      code: 'SQ404',
      message: `there is no batch ${batch}`,
      hint: expect.stringContaining('insert into supaqueue.batch'),
    })
    expect(await jobsOf(harness, queue)).toBe(0)
  })

  test('refuses a payload that is too large, and enqueues nothing', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { payload_max_bytes: 10 })

    expect((await refusal(ask(harness, 'enqueue', { queue, payload: { text: 'long' } }))).code).toBe('SQ413')
    expect(await jobsOf(harness, queue)).toBe(0)
  })

  test.for([
    [{ run_at: '2099-01-01', delay: '1 second' }],
    [{ run_at: 'infinity' }],
    [{ run_at: '-infinity' }],
    [{ on_conflict: 'ignore' }],
    [{ headers: { host: 'x' } }],
    [{ max_attempts: 0 }],
  ])('refuses %j', async ([wrong], { harness }) => {
    const queue = await harness.queue()

    expect(await refusal(ask(harness, 'enqueue', { queue, ...wrong }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringMatching(/./),
    })
    expect(await jobsOf(harness, queue)).toBe(0)
  })
})
