import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const run = randomUUID()

const storyOf = async (harness: Harness, job: number | string) =>
  (await harness.db.query('select supaqueue.job_story($1) as story', [job])).rows[0].story

describe('the story of a job', () => {
  test('has what was asked, what became of it, and why it waits', async ({ harness }) => {
    const queue = await harness.queue({ name: 'told', workers: 1, max_attempts: 5, retry_base_ms: 60_000 })
    await harness.turn(run, queue)
    const job = await harness.job(queue, { payload: { n: 1 }, priority: 7 })
    const [begun] = await harness.take(run, queue)
    await harness.report(run, queue, [begun!.current_job.id], 'failed')

    const story = await storyOf(harness, job)

    expect(story).toMatchObject({
      queue: 'told',
      queue_id: queue,
      job: { id: job, status: 'pending', priority: 7, attempts: 1 },
      max_attempts: 5,
      payload: { n: 1 },
      result: null,
      state: null,
      explain: { job, status: 'pending', text: expect.stringMatching(/^waits: is due in .*attempt 1 failed/) },
      lease: null,
      tries: [{ attempt: 1, outcome: 'failed', run }],
      steps: [],
      sources: [],
      targets: [],
      copies: [],
    })
    expect(Object.keys(story.job)).not.toEqual(expect.arrayContaining(['payload']))
  })

  test('has its lease while it runs', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    const job = await harness.job(queue)
    const [begun] = await harness.take(run, queue)

    expect((await storyOf(harness, job)).lease).toEqual({
      id: begun!.current_job.id,
      run,
      worker: expect.any(String),
      begun_at: expect.any(String),
      lease_until: expect.any(String),
    })
  })

  test('names the jobs around it, and its copies', async ({ harness }) => {
    const queue = await harness.queue({ name: 'around', max_attempts: 1 })
    const source = await harness.job(queue)
    const { rows: [{ id: job }] } = await harness.db.query(
      `select supaqueue.enqueue('around', depends_on => array[$1::bigint]) as id`,
      [source],
    )
    const failed = await harness.job(queue, { status: 'failed' })
    const { rows: [{ copies }] } = await harness.db.query(
      'select supaqueue.reprocess(jobs => array[$1::bigint]) as copies',
      [failed],
    )

    expect((await storyOf(harness, job)).sources).toMatchObject([{ job: source, queue: 'around', status: 'pending' }])
    expect((await storyOf(harness, source)).targets).toMatchObject([{ job, queue: 'around', status: 'held' }])
    expect((await storyOf(harness, failed)).copies).toEqual(copies.map(Number))
  })

  test('of no job is refused', async ({ harness }) => {
    expect(await refusal(storyOf(harness, 9_999_999_999))).toMatchObject({ code: 'SQ404' })
  })
})
