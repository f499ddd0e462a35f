import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, type Report, test } from '../../../support/harness.ts'

const run = randomUUID()
const settings = { max_attempts: 3, max_deferrals: 9, retry_base_ms: 60_000, retry_max_ms: 1e9 }

/** A job that a run has begun, after two calls that were deferred and one slice. */
async function begun(harness: Harness, own: Parameters<Harness['job']>[1] = {}, queueSettings = {}) {
  const queue = await harness.queue({ workers: 1, ...settings, ...queueSettings })
  await harness.turn(run, queue)
  const job = await harness.job(queue, own)
  await harness.db.query(
    `update supaqueue.job set deferrals = 2, state = '{"slice": 1}', error = 'earlier' where id = $1`,
    [job],
  )
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

const inMs = (later: Date, earlier: Date) => later.getTime() - earlier.getTime()

/** What becomes of that job; of the fields that no row names, `common` holds. `wait` in milliseconds. */
const common = { finished: false, attempts: 1, deferrals: 0, state: { slice: 1 }, result: null, row: true }
const table: {
  outcome: Report['outcome']
  with?: Partial<Report>
  status: 'success' | 'pending' | 'failed' | 'held' | 'held'
  error: string | null
  wait?: number | [least: number, most: number]
  finished?: boolean
  attempts?: number
  deferrals?: number
  state?: unknown
  result?: unknown
  row?: boolean
}[] = [
  {
    outcome: 'success',
    with: { result: 7 },
    status: 'success',
    finished: true,
    error: null,
    result: 7,
    state: null,
    row: false,
  },
  { outcome: 'failed', with: { error: 'boom' }, status: 'pending', error: 'boom', wait: [45_000, 75_000] },
  { outcome: 'failed', with: { retry_after_ms: 5_000 }, status: 'pending', error: 'failed', wait: 5_000 },
  { outcome: 'failed', with: { retry_after_ms: 1e12 }, status: 'pending', error: 'failed', wait: 3_600_000 },
  { outcome: 'unknown', status: 'pending', error: 'unknown', wait: [45_000, 75_000], deferrals: 2 },
  { outcome: 'not_run', status: 'pending', error: 'not_run', wait: 1_000, attempts: 0, deferrals: 2, row: false },
  {
    outcome: 'deferred',
    with: { error: '429' },
    status: 'pending',
    error: '429',
    wait: 1_000,
    attempts: 0,
    deferrals: 3,
  },
  {
    outcome: 'deferred',
    with: { retry_after_ms: 30_000 },
    status: 'pending',
    error: 'deferred',
    wait: 30_000,
    attempts: 0,
    deferrals: 3,
  },
  {
    outcome: 'deferred',
    with: { retry_after_ms: 1e12 },
    status: 'pending',
    error: 'deferred',
    wait: 3_600_000,
    attempts: 0,
    deferrals: 3,
  },
  {
    outcome: 'rescheduled',
    with: { retry_after_ms: 86_400_000, error: 'tomorrow' },
    status: 'pending',
    error: null,
    wait: 86_400_000,
    attempts: 0,
  },
  { outcome: 'killed', with: { error: 'no such user' }, status: 'failed', finished: true, error: 'no such user' },
  { outcome: 'parked', with: { error: 'version 3' }, status: 'held', error: 'version 3', attempts: 0 },
  { outcome: 'continued', with: { state: [2] }, status: 'pending', error: null, wait: 0, attempts: 0, state: [2] },
  {
    outcome: 'continued',
    with: { state: 'x', retry_after_ms: 5_000 },
    status: 'pending',
    error: null,
    wait: 5_000,
    attempts: 0,
    state: 'x',
  },
]

describe('what becomes of a job whose call is reported', () => {
  for (const { outcome, with: more = {}, status, error, wait, ...named } of table) {
    test(`${outcome} ${JSON.stringify(more)}`, async ({ harness }) => {
      const { finished, row: written, ...columns } = { ...common, ...named }
      const { queue, job, token } = await begun(harness)
      const due = (await harness.jobRow(job)).run_at

      const answer = await harness.report(run, queue, [token], outcome, more)

      expect(answer).toMatchObject({ again: [], stale: [] })
      const row = await harness.jobRow(job)
      expect(row).toMatchObject({ status, error, ...columns })
      expect(row.finished_at).toEqual(finished ? row.updated_at : null)
      const [least, most] = Array.isArray(wait) ? wait : [wait, wait]
      if (wait === undefined) expect(row.run_at).toEqual(due)
      else {
        expect(inMs(row.run_at, row.updated_at)).toBeGreaterThanOrEqual(least!)
        expect(inMs(row.run_at, row.updated_at)).toBeLessThanOrEqual(most!)
      }
      expect(await harness.freeWorkers(queue)).toBe(1)
      expect(await harness.currentJobs(queue)).toEqual([])
      expect((await harness.attempts(job)).map((attempt) => attempt.outcome)).toEqual(written ? [outcome] : [])
    })
  }

  test('rescheduled to a time becomes due at that time, however far it is', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.report(run, queue, [token], 'rescheduled', { run_at: '9999-12-31T00:00:00.000Z' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 0, deferrals: 0 })
    expect(row.run_at.toISOString()).toBe('9999-12-31T00:00:00.000Z')
  })

  test('dropped is deleted, with its attempts, and its worker is free', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, {}, { retry_base_ms: 0 })
    await harness.report(run, queue, [token], 'failed')
    const [second] = await harness.take(run, queue)

    const answer = await harness.report(run, queue, [second!.current_job.id], 'dropped')

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect(await harness.jobRow(job)).toBe(undefined)
    expect(await harness.attempts(job)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('dropped beside others takes only itself away', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.turn(run, queue)
    const [dropped, killed] = await harness.jobs(queue, 2)
    const [one, other] = (await harness.take(run, queue)).map((entry) => entry.current_job.id)

    await harness.turn(run, queue, {
      reports: [{ token: one!, outcome: 'dropped' }, { token: other!, outcome: 'killed' }],
    })

    expect(await harness.jobRow(dropped!)).toBe(undefined)
    expect(await harness.jobRow(killed!)).toMatchObject({ status: 'failed' })
  })

  test('rescheduled or continued begins its attempts anew', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, { attempts: 1 }, { retry_base_ms: 0 })

    await harness.report(run, queue, [token], 'continued', { state: 1 })
    const [second] = await harness.take(run, queue)

    expect(second!.job).toMatchObject({ id: job, attempts: 1 })
  })

  test('deferred for the last time is failed, and says how often it was', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, {}, { max_deferrals: 2 })

    await harness.report(run, queue, [token], 'deferred', { error: '429' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({
      status: 'failed',
      attempts: 0,
      deferrals: 3,
      error: 'deferred 3 times, at last: 429',
    })
    expect(row.finished_at).toEqual(row.updated_at)
  })

  test('keeps every digit of its state', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.db.query('select public.supaqueue_turn($1)', [
      `{"run": "${run}", "queue": "${queue}", "reports": [
        {"token": "${token}", "outcome": "continued", "state": {"n": 12345678901234567890.5}}
      ]}`,
    ])

    const { rows } = await harness.db.query('select state::text from supaqueue.job where id = $1', [job])
    expect(rows[0].state).toBe('{"n": 12345678901234567890.5}')
  })
})

describe('what a job has of its own comes before what its queue says:', () => {
  test('a job with more attempts is tried once more', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, { max_attempts: 2 }, { max_attempts: 1 })

    await harness.report(run, queue, [token], 'failed')

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending' })
  })

  test('a job with fewer attempts is failed', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, { max_attempts: 1 })

    await harness.report(run, queue, [token], 'failed')

    expect(await harness.jobRow(job)).toMatchObject({ status: 'failed', attempts: 1 })
  })

  test.for(
    [
      ['its base', { retry_base_ms: 600_000 }, 450_000, 750_000],
      ['its limit', { retry_max_ms: 1_000 }, 750, 1_250],
    ] as const,
  )('it waits by %s', async ([, own, least, most], { harness }) => {
    const { queue, job, token } = await begun(harness, own)

    await harness.report(run, queue, [token], 'failed')

    const row = await harness.jobRow(job)
    expect(inMs(row.run_at, row.updated_at)).toBeGreaterThanOrEqual(least)
    expect(inMs(row.run_at, row.updated_at)).toBeLessThanOrEqual(most)
  })
})
