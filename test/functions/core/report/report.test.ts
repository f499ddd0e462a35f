import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, type Report, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const run = randomUUID()

/** A queue with `count` jobs that the run has begun, as many workers as jobs. */
async function begun(harness: Harness, count = 1, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: count, ...settings })
  await harness.turn(run, queue)
  const jobs = await harness.jobs(queue, count)
  // Of equal priority and due at the same time, so in the order of their ids.
  const entries = await harness.take(run, queue)
  return { queue, jobs, job: jobs[0]!, tokens: entries.map((entry) => entry.current_job.id) }
}

const inMs = (later: Date, earlier: Date) => later.getTime() - earlier.getTime()

describe('report', () => {
  test('of a success keeps the result and ends the job', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness)

    const answer = await harness.report(run, queue, tokens, 'success', { result: { words: 7 } })

    expect(answer).toMatchObject({ again: [], stale: [] })
    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'success', attempts: 1, result: { words: 7 }, error: null })
    expect(inMs(row.finished_at, row.updated_at)).toBe(0)
    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test.for([['failed', 'boom', 'boom'], ['unknown', undefined, 'unknown']] as const)(
    'of %s while attempts are left puts the job back by the formula of its queue',
    async ([outcome, error, written], { harness }) => {
      const settings = { retry_base_ms: 60_000, retry_factor: 3, retry_max_ms: 1e9, max_attempts: 3 }
      const { queue, job, tokens } = await begun(harness, 1, settings)

      await harness.report(run, queue, tokens, outcome, { error })

      const row = await harness.jobRow(job)
      expect(row).toMatchObject({ status: 'pending', attempts: 1, error: written, result: null, finished_at: null })
      const wait = inMs(row.run_at, row.updated_at)
      expect(wait).toBeGreaterThanOrEqual(45_000)
      expect(wait).toBeLessThanOrEqual(75_000)
      expect(await harness.freeWorkers(queue)).toBe(1)
    },
  )

  test('of a second failure waits so many times longer', async ({ harness }) => {
    const settings = { retry_base_ms: 60_000, retry_factor: 3, retry_max_ms: 1e9, max_attempts: 3 }
    const { queue, job, tokens } = await begun(harness, 1, settings)
    await harness.report(run, queue, tokens, 'failed')
    await harness.db.query('update supaqueue.job set run_at = now() where id = $1', [job])
    const [second] = await harness.take(run, queue)

    await harness.report(run, queue, [second!.current_job.id], 'failed')

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 2 })
    expect(inMs(row.run_at, row.updated_at)).toBeGreaterThanOrEqual(135_000)
    expect(inMs(row.run_at, row.updated_at)).toBeLessThanOrEqual(225_000)
  })

  test.for(['failed', 'unknown'] as const)(
    'of %s at the last attempt fails the job for good',
    async (outcome, { harness }) => {
      const { queue, job, tokens } = await begun(harness, 1, { max_attempts: 1 })
      const due = (await harness.jobRow(job)).run_at

      await harness.report(run, queue, tokens, outcome, { error: 'boom' })

      const row = await harness.jobRow(job)
      expect(row).toMatchObject({ status: 'failed', attempts: 1, error: 'boom', result: null, run_at: due })
      expect(inMs(row.finished_at, row.updated_at)).toBe(0)
      expect(await harness.freeWorkers(queue)).toBe(1)
    },
  )

  test.for(
    [
      ['the given time', 5_000, 5_000],
      ['a second when none is given', undefined, 1_000],
      ['an hour at most', 1e12, 3_600_000],
      ['no time when it is zero', 0, 0],
      ['no time when it is negative', -5, 0],
    ] as const,
  )('of a call that never ran gives the attempt back and waits %s', async ([, given, wait], { harness }) => {
    const { queue, job, tokens } = await begun(harness, 1, { max_attempts: 1 })

    await harness.report(run, queue, tokens, 'not_run', { retry_after_ms: given, error: '503' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ attempts: 0, error: '503', finished_at: null })
    if (wait > 0) expect(row.status).toBe('pending')
    expect(inMs(row.run_at, row.updated_at)).toBe(wait)
  })

  test('of a success after a failure leaves no error behind', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness, 1, { retry_base_ms: 0 })
    await harness.report(run, queue, tokens, 'failed', { error: 'boom' })
    const [second] = await harness.take(run, queue)

    await harness.report(run, queue, [second!.current_job.id], 'success', { result: 1 })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 2, result: 1, error: null })
  })

  test.for([
    ['an object with big numbers', '{"n": 12345678901234567890.5}'],
    ['a text', '"done"'],
    ['false', 'false'],
    ['an empty array', '[]'],
  ])('keeps %s as result, digit by digit', async ([, result], { harness }) => {
    const { queue, job, tokens } = await begun(harness)

    await harness.db.query(`select public.supaqueue_turn($1)`, [
      `{"run": "${run}", "queue": "${queue}", "reports": [
        {"token": "${tokens[0]}", "outcome": "success", "result": ${result}}
      ]}`,
    ])

    const { rows } = await harness.db.query('select result::text from supaqueue.job where id = $1', [job])
    expect(rows[0].result).toBe(result)
  })

  test('of many jobs at once gives each its own outcome', async ({ harness }) => {
    const { queue, jobs, tokens } = await begun(harness, 4, { max_attempts: 1 })
    const outcomes = ['success', 'failed', 'unknown', 'not_run'] as const

    await harness.turn(run, queue, { reports: tokens.map((token, i) => ({ token, outcome: outcomes[i]! })) })

    const statuses = []
    for (const job of jobs) statuses.push((await harness.jobRow(job)).status)
    expect(statuses).toEqual(['success', 'failed', 'failed', 'pending'])
    expect(await harness.freeWorkers(queue)).toBe(4)
    expect(await harness.currentJobs(queue)).toEqual([])
  })
})

describe('a report that is not valid (any more)', () => {
  test('doubled in a later turn changes nothing and is told so', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness)
    await harness.report(run, queue, tokens, 'success', { result: 'first' })
    const before = await harness.jobRow(job)

    const answer = await harness.report(run, queue, tokens, 'failed')

    expect(answer).toMatchObject({ again: [], stale: tokens })
    expect(await harness.jobRow(job)).toEqual(before)
  })

  test('doubled in the same turn counts once', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness)

    const answer = await harness.report(run, queue, [...tokens, ...tokens], 'failed')

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 1 })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('doubled in the same turn frees its worker for one job, not for two', async ({ harness }) => {
    const { queue, tokens } = await begun(harness)
    await harness.jobs(queue, 2)

    const { jobs } = await harness.turn(run, queue, {
      reports: [...tokens, ...tokens].map((token) => ({ token, outcome: 'success' })),
      room: 2,
    })

    expect(jobs).toHaveLength(1)
  })

  test('late, after its lease ran out and the job began anew, does not touch the new attempt', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness, 1, { retry_base_ms: 0 })
    await harness.age('current_job', queue)
    await harness.sweep()
    const [second] = await harness.take(run, queue)
    const before = await harness.jobRow(job)

    const answer = await harness.report(run, queue, tokens)

    expect(answer.stale).toEqual(tokens)
    expect(await harness.jobRow(job)).toEqual(before)
    expect((await harness.currentJob(job)).id).toBe(second!.current_job.id)
  })

  test('of another queue is told so, and moves no worker over', async ({ harness }) => {
    const other = await begun(harness)
    const { queue } = await begun(harness)
    await harness.jobs(queue, 2)

    const answer = await harness.report(run, queue, other.tokens)

    expect(answer).toMatchObject({ again: [], stale: other.tokens })
    expect((await harness.jobRow(other.job)).status).toBe('in_progress')
    expect(await harness.freeWorkers(other.queue)).toBe(0)
  })

  test.for([{ outcome: 'banana' }, { outcome: null }, { token: null, outcome: 'success' }])(
    'that cannot be read as %o changes nothing, not even for the valid ones beside it',
    async (wrong, { harness }) => {
      const queue = await harness.queue({ workers: 2 })
      await harness.jobs(queue, 2)
      const run = randomUUID()
      const [one, two] = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
      const reports = [{ token: one, outcome: 'success' }, { token: two, ...wrong }] as unknown as Report[]

      expect(await refusal(harness.turn(run, queue, { reports }))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('docs/reference/turn.md'),
      })

      expect(await harness.inProgress(queue)).toHaveLength(2)
    },
  )

  test('made up is told so, and the valid ones beside it count', async ({ harness }) => {
    const { queue, job, tokens } = await begun(harness)
    const madeUp = randomUUID()

    const answer = await harness.report(run, queue, [madeUp, ...tokens])

    expect(answer).toMatchObject({ again: [], stale: [madeUp] })
    expect((await harness.jobRow(job)).status).toBe('success')
  })
})

describe('a report that meets a row which somebody holds', () => {
  test.for(['job', 'worker', 'current_job'] as const)(
    'of table %s is to be brought again, and the others go through without waiting',
    async (table, { harness, another }) => {
      const { queue, tokens } = await begun(harness, 2)
      const [held, other] = await harness.currentJobs(queue)
      const user = await another()
      await user.begin()
      await user.hold(table, { job: held.job, worker: held.worker, current_job: held.id }[table])

      await harness.impatient()
      const answer = await harness.report(run, queue, tokens)

      expect(answer).toMatchObject({ again: [held.id], stale: [] })
      expect((await harness.jobRow(held.job)).status).toBe('in_progress')
      expect((await harness.jobRow(other.job)).status).toBe('success')
      expect(await harness.freeWorkers(queue)).toBe(1)

      await user.rollback()
      expect(await harness.report(run, queue, [held.id])).toMatchObject({ again: [], stale: [] })
      expect((await harness.jobRow(held.job)).status).toBe('success')
      expect(await harness.freeWorkers(queue)).toBe(2)
    },
  )

  test('that is reported by another turn just now is told again, then stale', async ({ harness, another }) => {
    const { queue, job, tokens } = await begun(harness)
    const other = await another()

    await harness.begin()
    await harness.report(run, queue, tokens, 'success')
    await other.impatient()
    const during = await other.report(run, queue, tokens, 'failed')
    await harness.commit()
    const after = await other.report(run, queue, tokens, 'failed')

    expect(during).toMatchObject({ again: tokens, stale: [] })
    expect(after).toMatchObject({ again: [], stale: tokens })
    expect((await harness.jobRow(job)).status).toBe('success')
  })
})
