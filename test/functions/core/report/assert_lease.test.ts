import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 0 })
  await harness.turn(run, queue)
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

/** What somebody works on by another transaction: a row of theirs, written once. */
const write = async (harness: Harness, name: string): Promise<void> => await harness.setting(name, 'written')
const wasWritten = async (harness: Harness, name: string): Promise<boolean> =>
  ((await harness.db.query('select from supaqueue.setting where name = $1', [name])).rowCount ?? 0) > 0

describe('assert_lease', () => {
  test('lets whoever has the job commit', async ({ harness }) => {
    const { token } = await begun(harness)

    await harness.transaction(async () => {
      await harness.assertLease(token)
      await write(harness, 'effect_of_the_holder')
    })

    expect(await wasWritten(harness, 'effect_of_the_holder')).toBe(true)
  })

  test.for(
    [
      ['whose lease has run out', async (harness: Harness, queue: string) => await harness.age('current_job', queue)],
      ['that was taken back by the sweep', async (harness: Harness, queue: string) => {
        await harness.age('current_job', queue)
        await harness.sweep()
      }],
      [
        'that was cancelled',
        async (harness: Harness, _: string, job: number) => await harness.update('job', job, { status: 'cancelled' }),
      ],
    ] as const,
  )('lets no attempt commit %s', async ([what, end], { harness }) => {
    const { queue, job, token } = await begun(harness)
    const effect = `effect_${what.replaceAll(/\W/g, '_')}`
    await end(harness, queue, job)

    const reason = await refusal(harness.transaction(async () => {
      await write(harness, effect)
      await harness.assertLease(token)
    }))

    expect(reason).toMatchObject({
      code: 'SQ404',
      message: `there is no valid lease ${token}`,
      hint: expect.stringContaining('Nothing of this transaction is kept'),
    })
    expect(await wasWritten(harness, effect)).toBe(false)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { harness }) => {
      expect(await refusal(harness.assertLease(token))).toMatchObject({
        code: 'SQ404',
        message: `there is no valid lease ${token}`,
      })
    },
  )

  test('keeps the job from a sweep, which does not wait, until the transaction ends', async ({ harness, another }) => {
    const { queue, job, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await user.assertLease(token)
    // Run out meanwhile: to write the row would wait for nobody either, were it not for this test.
    const { lease_until } = await harness.currentJob(job)
    await harness.impatient()
    await harness.db.query("update supaqueue.current_job set lease_until = now() - interval '1 s' where id = $1", [
      token,
    ])

    expect((await harness.sweep()).leases_lost).toBe(0)

    expect((await harness.jobRow(job)).status).toBe('in_progress')
    expect(lease_until).not.toBe(null)
    await user.commit()
    expect((await harness.sweep()).leases_lost).toBe(1)
    expect(await harness.currentJobs(queue)).toEqual([])
  })

  test('keeps the job from a report, which does not wait and is to be brought again', async ({ harness, another }) => {
    const { queue, job, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await user.assertLease(token)

    await harness.impatient()
    expect(await harness.report(run, queue, [token], 'unknown')).toMatchObject({ again: [token], stale: [] })

    await user.commit()
    expect(await harness.report(run, queue, [token], 'success')).toMatchObject({ again: [], stale: [] })
    expect((await harness.jobRow(job)).status).toBe('success')
  })

  test('does not keep its own run from saying that the function reports later, nor from extending', async ({ harness, another }) => {
    const { queue, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await user.assertLease(token)

    await harness.impatient()
    await harness.extend(token, 3_600_000)
    expect(await harness.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })
  })

  test('may be followed by finish in the same transaction', async ({ harness }) => {
    const { job, token } = await begun(harness)

    await harness.transaction(async () => {
      await harness.assertLease(token)
      await harness.finish(token, 'complete')
    })

    expect((await harness.jobRow(job)).status).toBe('success')
  })

  test('waits for a report of the same job that is about to commit, and then refuses', async ({ harness, another }) => {
    const { queue, token } = await begun(harness)
    const user = await another()

    await harness.begin()
    await harness.report(run, queue, [token], 'failed')
    const asserted = refusal(user.assertLease(token))
    await until(() => harness.isBlocked(user))
    await harness.commit()

    expect(await asserted).toMatchObject({ code: 'SQ404' })
  })

  test('never waits crosswise with a user who takes the job back', async ({ harness, another }) => {
    const { job, token } = await begun(harness)
    const user = await another()

    await harness.begin()
    await harness.assertLease(token)
    const cancelled = user.update('job', job, { status: 'cancelled' })
    await until(() => harness.isBlocked(user))
    await harness.progress(token, 100)
    await harness.commit()
    await cancelled

    expect(await harness.jobRow(job)).toMatchObject({ status: 'cancelled', progress_percent: '100.00' })
  })
})
