import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const run = randomUUID()

const storyOf = async (house: House, job: number | string) =>
  (await house.db.query('select supaqueue.job_story($1) as story', [job])).rows[0].story

describe('the story of a job', () => {
  test('has what was asked, what became of it, and why it waits', async ({ house }) => {
    const queue = await house.queue({ name: 'told', workers: 1, max_attempts: 5, retry_base_ms: 60_000 })
    await house.turn(run, queue)
    const job = await house.job(queue, { payload: { n: 1 }, priority: 7 })
    const [begun] = await house.take(run, queue)
    await house.report(run, queue, [begun!.current_job.id], 'failed')

    const story = await storyOf(house, job)

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

  test('has its lease while it runs', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    const job = await house.job(queue)
    const [begun] = await house.take(run, queue)

    expect((await storyOf(house, job)).lease).toEqual({
      id: begun!.current_job.id,
      run,
      worker: expect.any(String),
      begun_at: expect.any(String),
      lease_until: expect.any(String),
    })
  })

  test('names the jobs around it, and its copies', async ({ house }) => {
    const queue = await house.queue({ name: 'around', max_attempts: 1 })
    const source = await house.job(queue)
    const { rows: [{ id: job }] } = await house.db.query(
      `select supaqueue.enqueue('around', depends_on => array[$1::bigint]) as id`,
      [source],
    )
    const failed = await house.job(queue, { status: 'failed' })
    const { rows: [{ copies }] } = await house.db.query(
      'select supaqueue.reprocess(jobs => array[$1::bigint]) as copies',
      [failed],
    )

    expect((await storyOf(house, job)).sources).toMatchObject([{ job: source, queue: 'around', status: 'pending' }])
    expect((await storyOf(house, source)).targets).toMatchObject([{ job, queue: 'around', status: 'held' }])
    expect((await storyOf(house, failed)).copies).toEqual(copies.map(Number))
  })

  test('of no job is refused', async ({ house }) => {
    expect(await refusal(storyOf(house, 9_999_999_999))).toMatchObject({ code: 'SQ404' })
  })
})
