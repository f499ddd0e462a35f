import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { called, steps } from './support.ts'

describe('deliver_signal', () => {
  test('waits for a function that is just about to wait, and wakes it', async ({ harness, another }) => {
    const { job, token } = await called(harness)
    const other = await another()
    await harness.begin()
    await steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])

    const sent = steps(other).signal({ job, name: 'approval', payload: 1 })
    await expect.poll(() => harness.isBlocked(other)).toBe(true)
    await harness.commit()

    expect(await steps(harness).sent(await sent)).toMatchObject({ taken_by: job, late: false })
    expect((await harness.jobRow(job)).run_at.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
  })

  test('is seen by a function that waits while the signal is on its way', async ({ harness, another }) => {
    const { job, token } = await called(harness)
    const other = await another()
    await other.begin()
    await steps(other).signal({ job, name: 'approval', payload: 1 })
    await other.db.query('set constraints all immediate')

    const suspended = steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])
    await expect.poll(() => other.isBlocked(harness)).toBe(true)
    await other.commit()

    expect(await suspended).toMatchObject({ suspended: false, steps: [{ result: 1 }] })
  })

  test('by a key, either way, too', async ({ harness, another }) => {
    const other = await another()
    const [early, late] = [await called(harness), await called(harness)]
    const key = crypto.randomUUID()
    await harness.begin()
    await steps(harness).suspend(early.token, [{ name: 'paid', kind: 'wait', key }])
    const sent = steps(other).signal({ key, name: 'paid', payload: 1 })
    await expect.poll(() => harness.isBlocked(other)).toBe(true)
    await harness.commit()
    expect(await steps(harness).sent(await sent)).toMatchObject({ taken_by: early.job })

    await other.begin()
    await steps(other).signal({ key, name: 'paid', payload: 2 })
    await other.db.query('set constraints all immediate')
    const suspended = steps(harness).suspend(late.token, [{ name: 'paid', kind: 'wait', key }])
    await expect.poll(() => other.isBlocked(harness)).toBe(true)
    await other.commit()
    expect(await suspended).toMatchObject({ suspended: false, steps: [{ result: 2 }] })
  })

  test('does not wait long for a job that somebody holds: the sweep delivers it', async ({ harness, another }) => {
    const { job, token } = await called(harness)
    const { suspend, signal, sent, rows } = steps(harness)
    await suspend(token, [{ name: 'approval', kind: 'wait' }])
    const holder = await another()
    await holder.begin()
    await holder.hold('job', job)

    const id = await signal({ job, name: 'approval' })
    expect(await sent(id)).toMatchObject({ late: true, taken_by: null })
    await holder.rollback()
    await harness.sweep()

    expect(await sent(id)).toMatchObject({ late: false, taken_by: job })
    expect(await rows(job)).toMatchObject([{ status: 'done' }])
  })

  test.for(['repeatable read', 'serializable'])(
    'a transaction that is %s leaves it to the sweep',
    async (isolation, { harness }) => {
      const { job, token } = await called(harness)
      const { suspend, signal, sent } = steps(harness)
      await suspend(token, [{ name: 'approval', kind: 'wait' }])

      const id = await harness.transaction(() => signal({ job, name: 'approval' }), isolation)
      expect(await sent(id)).toMatchObject({ late: true })
      await harness.sweep()

      expect(await sent(id)).toMatchObject({ late: false, taken_by: job })
    },
  )

  test('a job that waits for its next attempt keeps waiting', async ({ harness }) => {
    const { queue, job, token } = await called(harness, { retry_base_ms: 3_600_000, retry_max_ms: 3_600_000 })
    const { suspend, signal } = steps(harness)
    await suspend(token, [{ name: 'approval', kind: 'wait' }])
    await harness.update('job', job, { run_at: new Date() })
    const run = crypto.randomUUID()
    const [again] = await harness.take(run, queue)
    await harness.report(run, queue, [again!.current_job.id], 'failed')

    await signal({ job, name: 'approval' })

    expect((await harness.jobRow(job)).run_at - Date.now()).toBeGreaterThan(1_000_000)
  })

  test('two that signal each other’s jobs in one transaction end without an error', async ({ harness, another }) => {
    const [one, two] = [await called(harness), await called(harness)]
    await steps(harness).suspend(one.token, [{ name: 'go', kind: 'wait' }])
    await steps(harness).suspend(two.token, [{ name: 'go', kind: 'wait' }])
    const other = await another()
    const send = async (session: typeof harness, jobs: number[]) => {
      for (const job of jobs) await steps(session).signal({ job, name: 'go' })
    }

    for (let round = 0; round < 3; round++) {
      await Promise.all([
        harness.transaction(() => send(harness, [one.job, two.job])),
        other.transaction(() => send(other, [two.job, one.job])),
      ])
    }
    await harness.sweep()

    expect(await steps(harness).rows(one.job)).toMatchObject([{ status: 'done' }])
    expect(await steps(harness).rows(two.job)).toMatchObject([{ status: 'done' }])
  })
})
