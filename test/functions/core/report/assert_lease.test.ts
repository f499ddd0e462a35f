import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(house: House) {
  const queue = await house.queue({ workers: 1, retry_base_ms: 0 })
  await house.turn(run, queue)
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

/** What somebody works on by another transaction: a row of theirs, written once. */
const write = async (house: House, name: string): Promise<void> => await house.setting(name, 'written')
const wasWritten = async (house: House, name: string): Promise<boolean> =>
  ((await house.db.query('select from supaqueue.setting where name = $1', [name])).rowCount ?? 0) > 0

describe('assert_lease', () => {
  test('lets whoever has the job commit', async ({ house }) => {
    const { token } = await begun(house)

    await house.transaction(async () => {
      await house.assertLease(token)
      await write(house, 'effect_of_the_holder')
    })

    expect(await wasWritten(house, 'effect_of_the_holder')).toBe(true)
  })

  test.for(
    [
      ['whose lease has run out', async (house: House, queue: string) => await house.age('current_job', queue)],
      ['that was taken back by the sweep', async (house: House, queue: string) => {
        await house.age('current_job', queue)
        await house.sweep()
      }],
      [
        'that was cancelled',
        async (house: House, _: string, job: number) => await house.update('job', job, { status: 'cancelled' }),
      ],
    ] as const,
  )('lets no attempt commit %s', async ([what, end], { house }) => {
    const { queue, job, token } = await begun(house)
    const effect = `effect_${what.replaceAll(/\W/g, '_')}`
    await end(house, queue, job)

    const reason = await refusal(house.transaction(async () => {
      await write(house, effect)
      await house.assertLease(token)
    }))

    expect(reason).toMatchObject({
      code: 'SQ404',
      message: `there is no valid lease ${token}`,
      hint: expect.stringContaining('Nothing of this transaction is kept'),
    })
    expect(await wasWritten(house, effect)).toBe(false)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'refuses a token that is %s',
    async ([, token], { house }) => {
      expect(await refusal(house.assertLease(token))).toMatchObject({
        code: 'SQ404',
        message: `there is no valid lease ${token}`,
      })
    },
  )

  test('keeps the job from a sweep, which does not wait, until the transaction ends', async ({ house, another }) => {
    const { queue, job, token } = await begun(house)
    const user = await another()
    await user.begin()
    await user.assertLease(token)
    // Run out meanwhile: to write the row would wait for nobody either, were it not for this test.
    const { lease_until } = await house.currentJob(job)
    await house.impatient()
    await house.db.query("update supaqueue.current_job set lease_until = now() - interval '1 s' where id = $1", [token])

    expect((await house.sweep()).leases_lost).toBe(0)

    expect((await house.jobRow(job)).status).toBe('in_progress')
    expect(lease_until).not.toBe(null)
    await user.commit()
    expect((await house.sweep()).leases_lost).toBe(1)
    expect(await house.currentJobs(queue)).toEqual([])
  })

  test('keeps the job from a report, which does not wait and is to be brought again', async ({ house, another }) => {
    const { queue, job, token } = await begun(house)
    const user = await another()
    await user.begin()
    await user.assertLease(token)

    await house.impatient()
    expect(await house.report(run, queue, [token], 'unknown')).toMatchObject({ again: [token], stale: [] })

    await user.commit()
    expect(await house.report(run, queue, [token], 'success')).toMatchObject({ again: [], stale: [] })
    expect((await house.jobRow(job)).status).toBe('success')
  })

  test('does not keep its own run from saying that the function reports later, nor from extending', async ({ house, another }) => {
    const { queue, token } = await begun(house)
    const user = await another()
    await user.begin()
    await user.assertLease(token)

    await house.impatient()
    await house.extend(token, 3_600_000)
    expect(await house.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })
  })

  test('may be followed by finish in the same transaction', async ({ house }) => {
    const { job, token } = await begun(house)

    await house.transaction(async () => {
      await house.assertLease(token)
      await house.finish(token, 'complete')
    })

    expect((await house.jobRow(job)).status).toBe('success')
  })

  test('waits for a report of the same job that is about to commit, and then refuses', async ({ house, another }) => {
    const { queue, token } = await begun(house)
    const user = await another()

    await house.begin()
    await house.report(run, queue, [token], 'failed')
    const asserted = refusal(user.assertLease(token))
    await until(() => house.isBlocked(user))
    await house.commit()

    expect(await asserted).toMatchObject({ code: 'SQ404' })
  })

  test('never waits crosswise with a user who takes the job back', async ({ house, another }) => {
    const { job, token } = await begun(house)
    const user = await another()

    await house.begin()
    await house.assertLease(token)
    const cancelled = user.update('job', job, { status: 'cancelled' })
    await until(() => house.isBlocked(user))
    await house.progress(token, 100)
    await house.commit()
    await cancelled

    expect(await house.jobRow(job)).toMatchObject({ status: 'cancelled', progress_percent: '100.00' })
  })
})
