import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { call, openQueue, signIn } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

async function enqueued(harness: Harness, another: (role: 'authenticated') => Promise<Harness>, may_cancel = true) {
  const queue = await openQueue(harness, { may_cancel })
  const session = await another('authenticated')
  await signIn(session)
  return { queue, session, job: await call(session, 'enqueue', { queue }) as number }
}

describe('supaqueue_cancel', () => {
  test('cancels a job of the user’s that waits', async ({ harness, another }) => {
    const { session, job } = await enqueued(harness, another)

    expect(await call(session, 'cancel', { job })).toBe(true)
    expect(await harness.jobRow(job)).toMatchObject({ status: 'cancelled' })
  })

  test('leaves a job alone that has begun or ended, and says so', async ({ harness, another }) => {
    const { queue, session, job } = await enqueued(harness, another)
    await harness.workers(queue, 1)
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)

    expect(await call(session, 'cancel', { job })).toBe(false)
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress' })
    await harness.report(run, queue, [entry!.current_job.id])
    expect(await call(session, 'cancel', { job })).toBe(false)
    expect(await harness.jobRow(job)).toMatchObject({ status: 'success' })
  })

  test('is refused where the door does not say may_cancel', async ({ harness, another }) => {
    const { session, job } = await enqueued(harness, another, false)

    expect(await refusal(call(session, 'cancel', { job }))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('may_cancel => true'),
    })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending' })
  })

  test('reaches no job of another', async ({ harness, another }) => {
    const { session, job } = await enqueued(harness, another)
    await signIn(session)

    expect(await refusal(call(session, 'cancel', { job }))).toMatchObject({ code: 'SQ404' })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending' })
  })
})
