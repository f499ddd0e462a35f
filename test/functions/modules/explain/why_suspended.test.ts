import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from '../steps/support.ts'

const HOUR = 3_600_000

describe('why_suspended', () => {
  test('says what a job waits for, since when and until when, and explain says it', async ({ harness }) => {
    const { job, token } = await called(harness)
    await steps(harness).suspend(token, [
      { name: 'approval', kind: 'wait', after_ms: 72 * HOUR },
      { name: 'remind', kind: 'sleep', after_ms: 2400 * HOUR },
    ])
    await harness.db.query(`update supaqueue.step set begun_at = begun_at - interval '2 hours' where job = $1`, [job])

    const { rows: [{ explained }] } = await harness.db.query('select supaqueue.explain($1) as explained', [job])

    expect(explained.text).toMatch(
      /^waits for the signal approval since 2 h, until (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d\d:\d\d UTC; sleeps in the step remind since 2 h, until \d{4}-\d\d-\d\d/,
    )
    expect(explained.reasons.map(({ code }: { code: string }) => code).slice(0, 2)).toEqual(['signal', 'sleep'])
  })

  test('says so of a wait without an end, and of a step that is tried again', async ({ harness }) => {
    const { job, token } = await called(harness)
    await steps(harness).note(token, [{
      name: 'charge',
      status: 'failed',
      attempt: 1,
      error: 'declined',
      after_ms: HOUR,
    }])
    await steps(harness).suspend(token, [{ name: 'charge' }, { name: 'approval', place: 2, kind: 'wait' }])

    const { rows: [{ reasons }] } = await harness.db.query(
      'select supaqueue_internal.why_suspended($1, clock_timestamp()) as reasons',
      [job],
    )

    expect(reasons.map(({ text }: { text: string }) => text)).toEqual([
      expect.stringMatching(/^the step charge failed and is tried again by itself, since .*until .*\(declined\)$/),
      expect.stringMatching(/^waits for the signal approval since .*, without an end$/),
    ])
  })

  test('is silent about what is over', async ({ harness }) => {
    const { queue, job, run, token } = await called(harness)
    await steps(harness).note(token, [{ name: 'charge' }])
    await harness.report(run, queue, [token], 'rescheduled', { retry_after_ms: HOUR })

    const { rows: [{ explained }] } = await harness.db.query('select supaqueue.explain($1) as explained', [job])

    expect(explained.reasons[0]).toMatchObject({ code: 'run_at' })
  })

  test('explain says which step runs, and why its function has parked a job', async ({ harness }) => {
    const { queue, job, run, token } = await called(harness)
    await steps(harness).note(token, [{ name: 'render', status: 'running' }])
    const explain = async () =>
      (await harness.db.query('select supaqueue.explain($1) as explained', [job])).rows[0].explained
    expect((await explain()).text).toMatch(/runs the step render/)

    await harness.report(run, queue, [token], 'parked', { error: 'the step render was renamed' })

    expect(await explain()).toMatchObject({
      text: 'held by its function until somebody releases it: the step render was renamed',
      reasons: [{ code: 'parked' }],
    })
  })
})
