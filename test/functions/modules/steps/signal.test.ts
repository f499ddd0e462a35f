import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

describe('signal', () => {
  test('wakes the job that waits for it, at once, with what it brings', async ({ harness }) => {
    const { queue, job, run, token } = await called(harness)
    const { suspend, signal, load } = steps(harness)
    await suspend(token, [{ name: 'approval', kind: 'wait', after_ms: 7 * 86_400_000 }])
    await harness.sleep(queue, run)
    const before = await harness.wakeUps(queue)

    await signal({ job, name: 'approval', payload: { by: 'Ada' } })

    expect(await harness.wakeUps(queue)).toBe(before + 1)
    const [again] = await harness.currentJobs(queue)
    expect(again).toMatchObject({ job })
    const { steps: [seen] } = await load(again.id)
    expect(seen).toMatchObject({ status: 'done', result: { by: 'Ada' } })
  })

  test('that comes before somebody waits is kept, and each ends one wait, the first the first', async ({ harness }) => {
    const { job, token } = await called(harness)
    const { suspend, signal } = steps(harness)
    await signal({ job, name: 'page', payload: 1 })
    await signal({ job, name: 'page', payload: 2 })
    await signal({ job, name: 'other', payload: 3 })

    const first = await suspend(token, [{ name: 'page', kind: 'wait' }])
    const second = await suspend(token, [{ name: 'page', occurrence: 2, kind: 'wait' }])
    const third = await suspend(token, [{ name: 'page', occurrence: 3, kind: 'wait' }])

    expect(first.steps).toMatchObject([{ result: 1 }])
    expect(second.steps).toMatchObject([{ result: 2 }])
    expect(third).toMatchObject({ suspended: true })
  })

  test('twice by the same idempotency key is once', async ({ harness }) => {
    const { job } = await called(harness)
    const { signal } = steps(harness)

    const first = await signal({ job, name: 'approval', idempotency_key: 'event 1' })
    expect(await signal({ job, name: 'approval', idempotency_key: 'event 1' })).toBe(first)
    expect(await signal({ job, name: 'approval', idempotency_key: 'event 2' })).not.toBe(first)
    expect(await signal({ job, name: 'refusal', idempotency_key: 'event 1' })).not.toBe(first)
  })

  test('of two that come at once by the same idempotency key one is sent', async ({ harness, another }) => {
    const { job } = await called(harness)
    const other = await another()
    await other.begin()
    const first = await steps(other).signal({ job, name: 'approval', idempotency_key: 'one' })
    const second = steps(harness).signal({ job, name: 'approval', idempotency_key: 'one' })
    await expect.poll(() => other.isBlocked(harness)).toBe(true)
    await other.commit()

    expect(await second).toBe(first)
  })

  test('by a key finds whoever waits by it, the one that has waited longest, also before it is there', async ({ harness }) => {
    const { signal, suspend, sent } = steps(harness)
    const key = crypto.randomUUID()
    const early = await signal({ key, name: 'paid', payload: 'early' })
    const [one, two, three] = [await called(harness), await called(harness), await called(harness)]

    expect((await suspend(one.token, [{ name: 'paid', kind: 'wait', key }])).steps).toMatchObject([{ result: 'early' }])
    await suspend(two.token, [{ name: 'paid', kind: 'wait', key }])
    await suspend(three.token, [{ name: 'paid', kind: 'wait', key }])
    const second = await signal({ key, name: 'paid' })
    const third = await signal({ key, name: 'paid' })
    const fourth = await signal({ key, name: 'paid' })

    expect(await Promise.all([early, second, third, fourth].map(async (id) => (await sent(id)).taken_by))).toEqual([
      one.job,
      two.job,
      three.job,
      null,
    ])
  })

  test('leaves a job that is held, and one that waits for its next attempt, where they are', async ({ harness }) => {
    const { queue, job, token } = await called(harness)
    const { suspend, signal, rows } = steps(harness)
    await suspend(token, [{ name: 'approval', kind: 'wait' }])
    await harness.update('job', job, { status: 'held' })

    await signal({ job, name: 'approval' })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'held' })
    expect(await rows(job)).toMatchObject([{ status: 'done' }])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('is refused without a job or key, or with both, without a name, and for what cannot be carried', async ({ harness }) => {
    const { job } = await called(harness)
    const { signal } = steps(harness)

    for (
      const named of [{ name: 'a' }, { job }, { job, name: '' }, { job, key: 'k', name: 'a' }, {
        job,
        name: 'x'.repeat(201),
      }]
    ) {
      expect(await refusal(signal(named))).toMatchObject({ code: 'SQ422', hint: expect.stringMatching(/\S/) })
    }
    expect(await refusal(signal({ job, name: 'a', payload: 'x'.repeat(262_144) }))).toMatchObject({ code: 'SQ413' })
    expect(await refusal(signal({ job: 0, name: 'a' }))).toMatchObject({ code: 'SQ404' })
  })

  test('is refused for a job that has ended, but not the second time', async ({ harness }) => {
    const { queue, job, run, token } = await called(harness)
    const { signal } = steps(harness)
    const id = await signal({ job, name: 'approval', idempotency_key: 'one' })
    await harness.report(run, queue, [token])

    expect(await refusal(signal({ job, name: 'approval' }))).toMatchObject({ code: 'SQ409' })
    expect(await signal({ job, name: 'approval', idempotency_key: 'one' })).toBe(id)
  })
})
