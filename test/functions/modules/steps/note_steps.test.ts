import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

describe('note_steps', () => {
  test('keeps what a step has brought, with its try and its time', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { note, rows } = steps(harness)

    await note(token, [{ name: 'charge', result: { id: 'ch_1' }, ms: 120, version: '2', alone: true, attempt: 1 }])

    expect(await rows(job)).toMatchObject([{
      name: 'charge',
      occurrence: 1,
      item: 0,
      kind: 'run',
      status: 'done',
      version: '2',
      place: 1,
      alone: true,
      attempts: 1,
      ms: 120,
      result: { id: 'ch_1' },
      tries: [],
    }])
  })

  test('tells nothing from a null', async ({ harness }) => {
    const { token } = await called(harness)
    const { note, load } = steps(harness)

    await note(token, [{ name: 'nothing' }, { name: 'null', result: null }])

    const { steps: [nothing, isNull] } = await load(token)
    expect('result' in nothing).toBe(false)
    expect(isNull.result).toBe(null)
  })

  test('never writes over what is over', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { note, rows } = steps(harness)
    await note(token, [{ name: 'charge', result: 1 }])

    await note(token, [{ name: 'charge', result: 2 }])
    await note(token, [{ name: 'charge', status: 'running' }])

    expect(await rows(job)).toMatchObject([{ status: 'done', result: 1 }])
  })

  test('keeps the tries that did not succeed, and the one whose call died, twenty at most', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { note, rows } = steps(harness)

    await note(token, [{ name: 'charge', status: 'failed', attempt: 1, error: 'no', ms: 5 }])
    await note(token, [{ name: 'charge', status: 'running', attempt: 2 }])
    await note(token, [{ name: 'charge', status: 'done', attempt: 3, result: true }])
    for (let attempt = 1; attempt <= 25; attempt++) {
      await note(token, [{ name: 'ship', place: 2, status: 'failed', attempt, error: `no ${attempt}` }])
    }

    const [charge, ship] = await rows(job)
    expect(charge).toMatchObject({
      status: 'done',
      attempts: 3,
      error: null,
      tries: [{ attempt: 1, error: 'no', ms: 5 }, { attempt: 2, error: expect.stringContaining('ended before') }],
    })
    expect(ship.tries).toHaveLength(20)
    expect(ship.tries.at(-1)).toMatchObject({ attempt: 25, error: 'no 25' })
  })

  test('takes the last of what one call says of a step', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { note, rows } = steps(harness)

    await note(token, [{ name: 'charge', status: 'running' }, { name: 'charge', place: 1, result: 7 }])

    expect(await rows(job)).toMatchObject([{ status: 'done', result: 7 }])
  })

  test('shows the progress that comes along, and notes that the call went out', async ({ harness }) => {
    const { job, token } = await called(harness)

    await steps(harness).note(token, [{ name: 'render', item: 1 }], 50, '1 of 2')

    expect(await harness.jobRow(job)).toMatchObject({ progress_percent: '50.00', progress_note: '1 of 2' })
    expect(await harness.currentJob(job)).toMatchObject({ called: true })
  })

  test('is refused to an attempt whose lease has run out, and to one that has ended', async ({ harness }) => {
    const { queue, job, run, token } = await called(harness)
    const { note, rows } = steps(harness)

    await harness.age('current_job', queue)
    expect(await refusal(note(token, [{ name: 'charge' }]))).toMatchObject({ code: 'SQ404' })
    await harness.extend(token)
    await harness.report(run, queue, [token])
    expect(await refusal(note(token, [{ name: 'charge' }]))).toMatchObject({ code: 'SQ404' })
    expect(await refusal(note(null, [{ name: 'charge' }]))).toMatchObject({ code: 'SQ404' })

    expect(await rows(job)).toEqual([])
  })

  test('of two attempts that overlap only the later one can record', async ({ harness, another }) => {
    const { queue, job, token } = await called(harness)
    const stale = await another()
    await harness.age('current_job', queue)
    await harness.sweep()
    await harness.update('job', job, { run_at: new Date() })
    const [again] = await harness.take(crypto.randomUUID(), queue)

    const both = await Promise.allSettled([
      steps(stale).note(token, [{ name: 'charge', result: 'stale' }]),
      steps(harness).note(again!.current_job.id, [{ name: 'charge', result: 'valid' }]),
    ])

    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await steps(harness).rows(job)).toMatchObject([{ result: 'valid' }])
  })

  test('waits for who ends the job, and is refused then', async ({ harness, another }) => {
    const { job, token } = await called(harness)
    const other = await another()
    await other.begin()
    await other.endCurrentJob(token, true)

    const noted = refusal(steps(harness).note(token, [{ name: 'charge' }]))
    await expect.poll(() => other.isBlocked(harness)).toBe(true)
    await other.commit()

    expect(await noted).toMatchObject({ code: 'SQ404' })
    expect(await steps(harness).rows(job)).toEqual([])
  })

  test('writes nothing that cannot be kept', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { note, rows } = steps(harness)

    const large = 'x'.repeat(262_144)
    expect(await refusal(note(token, [{ name: 'a' }, { name: 'large', result: large }]))).toMatchObject({
      code: 'SQ413',
      message: expect.stringContaining('step large'),
      hint: expect.stringContaining('Storage'),
    })
    for (const entry of [{ name: '' }, { name: 'x'.repeat(201) }, { name: 3 }, { name: 'a', place: null }]) {
      expect(await refusal(note(token, [entry]))).toMatchObject({ code: 'SQ422' })
    }
    expect(await refusal(note(token, null))).toMatchObject({ code: 'SQ422' })
    expect(await refusal(note(token, Array(1001).fill({ name: 'a' })))).toMatchObject({ code: 'SQ422' })
    await expect(note(token, [{ name: 'a', status: 'unheard' }])).rejects.toThrow('step_status_is_known')

    expect(await rows(job)).toEqual([])
  })

  test('goes with its job', async ({ harness }) => {
    const { job, token } = await called(harness)
    await steps(harness).note(token, [{ name: 'charge' }])

    await harness.delete('job', job)

    expect(await steps(harness).rows(job)).toEqual([])
  })
})
