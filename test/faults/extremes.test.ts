import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../support/harness.ts'
import { refusal } from '../support/refusal.ts'

// What people write when they mean "at once" and "as many as there are".
describe('values at the end of what their types hold', () => {
  test('a job that is due since ever runs as any other, and every answer about it makes sense', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, name: 'ages', retry_base_ms: 0 })
    const { rows } = await harness.db.query(
      `insert into supaqueue.job (queue, run_at)
       values ($1, '-infinity'), ($1, now()), ($1, '4714-11-24 00:00:00+00 BC') returning id`,
      [queue],
    )
    const ids = rows.map(({ id }) => id)
    const run = randomUUID()

    const first = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
    await harness.report(run, queue, first, 'failed', { error: 'boom' })
    const second = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
    await harness.report(run, queue, second)
    await harness.sweep()

    for (const id of ids) {
      expect(await harness.jobRow(id)).toMatchObject({ status: 'success', attempts: 2, error: null })
      await harness.db.query('select supaqueue.explain($1)', [id])
    }
    const { rows: [counted] } = await harness.db.query(
      `select begun, succeeded, waits_ms from supaqueue.queue_counters where queue = $1`,
      [queue],
    )
    expect(counted).toMatchObject({ begun: 6, succeeded: 3 })
    // Days, and not thousands of years.
    expect(counted.waits_ms).toBeLessThan(1e9)
    expect((await harness.db.query('select * from supaqueue.trouble')).rows).toEqual([])
  })

  test('a burst of as many as there are is one, however slow the rate', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, name: 'burst' })
    await harness.db.query(`select supaqueue.set_max_rps('burst', 0.01, 2147483647)`)
    const job = await harness.job(queue)

    expect(await harness.take(randomUUID(), queue)).toMatchObject([{ job: { id: job } }])
    const { rows } = await harness.db.query(`select supaqueue.explain($1) ->> 'text' as text`, [job])
    expect(rows[0].text).toMatch(/is being called/)
    await harness.sweep()
    expect((await harness.db.query('select from supaqueue.chore where code is not null')).rows).toEqual([])
  })

  // However far apart the times and numbers of a job are, it is called, ended and counted as any other.
  const runAts = [
    '-infinity',
    '4714-11-24 00:00:00+00 BC',
    '1900-01-01',
    '1970-01-01',
    'now',
    '2262-04-12',
    '9999-12-31',
    '9999-12-31 23:59:59+00',
  ]
  const moments = ['when it comes', 'while it runs', 'between two attempts'] as const
  const figures = [-1e300, -1, -1e-300, 0, 1e-300, 0.4, 2147483648, 1e18, 1e300]
  const cases = moments.flatMap((moment) =>
    runAts.map((runAt, i) => ({ moment, runAt, ms: figures[i % figures.length]! }))
  )

  test.for([...cases, ...figures.map((ms) => ({ moment: 'while it runs' as const, runAt: 'now', ms }))])(
    'a job whose time is written to $runAt $moment, and whose calls took $ms ms, is counted as any other',
    async ({ moment, runAt, ms }, { harness }) => {
      const queue = await harness.queue({ workers: 1, retry_base_ms: 0, keep_success_attempts: true })
      const plan = (id: number) => harness.update('job', id, { run_at: runAt })
      const hurry = (id: number) => harness.db.query('select supaqueue.run_now($1)', [id])
      const job = await harness.job(queue)
      if (moment === 'when it comes') await plan(job)
      await hurry(job)
      const run = randomUUID()
      for (const outcome of ['failed', 'success'] as const) {
        const [entry] = await harness.take(run, queue)
        if (moment === 'while it runs') await plan(job)
        const answer = await harness.report(run, queue, [entry!.current_job.id], outcome, {
          ms,
          status: 200,
          result: { outcome },
        })
        expect(answer).toMatchObject({ again: [], stale: [] })
        if (moment === 'between two attempts') await plan(job)
        if (outcome === 'failed') await hurry(job)
      }

      await harness.sweep()
      await harness.sweep()

      expect(await harness.jobRow(job)).toMatchObject({
        status: 'success',
        attempts: 2,
        result: { outcome: 'success' },
      })
      const { rows: [counted] } = await harness.db.query('select * from supaqueue.queue_counters where queue = $1', [
        queue,
      ])
      expect(counted).toMatchObject({
        begun: 2,
        succeeded: 1,
        retried: 1,
        waits_ms: expect.any(Number),
        calls_ms: expect.any(Number),
      })
      expect(counted.waits_ms).toBeGreaterThanOrEqual(0)
      expect(counted.calls_ms).toBeGreaterThanOrEqual(0)
      expect((await harness.db.query('select kind, reason from supaqueue.trouble')).rows).toEqual([])
      expect((await harness.db.query('select name, error from supaqueue.chore where failures > 0')).rows).toEqual([])
    },
  )

  test.for([
    [`update supaqueue.job set run_at = 'infinity'`, 'job_run_at_is_before_the_year_10000'],
    [`update supaqueue.job set finished_at = '-infinity'`, 'job_times_are_in_1900_to_9999'],
    [`update supaqueue.queue set keep_failed = '178000000 years'`, 'queue_keep_failed_is_0_to_1000_years'],
    [`update supaqueue.queue set paused = true, paused_until = 'infinity'`, 'queue_times_are_in_1900_to_9999'],
    [
      `insert into supaqueue.circuit (target, open_until) values ('host x', 'infinity')`,
      'circuit_times_are_in_1900_to_9999',
    ],
    [
      `insert into supaqueue.circuit (target, failures) values ('host x', 2147483647)`,
      'circuit_failures_and_openings_are_at_most_a_million',
    ],
    [`update supaqueue.job set progress_percent = 'NaN'`, 'job_progress_percent_is_0_to_100'],
  ])('%s is refused by a claim', async ([statement, constraint], { harness }) => {
    await harness.job(await harness.queue())

    expect(await refusal(harness.db.query(statement!))).toMatchObject({ code: '23514', constraint })
  })
})
