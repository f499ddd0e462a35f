import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { call, openQueue, signIn } from '../../../support/door.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

async function enqueued(house: House, another: (role: 'authenticated') => Promise<House>, may_cancel = true) {
  const queue = await openQueue(house, { may_cancel })
  const session = await another('authenticated')
  await signIn(session)
  return { queue, session, job: await call(session, 'enqueue', { queue }) as number }
}

describe('supaqueue_cancel', () => {
  test('cancels a job of the user’s that waits', async ({ house, another }) => {
    const { session, job } = await enqueued(house, another)

    expect(await call(session, 'cancel', { job })).toBe(true)
    expect(await house.jobRow(job)).toMatchObject({ status: 'cancelled' })
  })

  test('leaves a job alone that has begun or ended, and says so', async ({ house, another }) => {
    const { queue, session, job } = await enqueued(house, another)
    await house.workers(queue, 1)
    const run = randomUUID()
    const [entry] = await house.take(run, queue)

    expect(await call(session, 'cancel', { job })).toBe(false)
    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress' })
    await house.report(run, queue, [entry!.current_job.id])
    expect(await call(session, 'cancel', { job })).toBe(false)
    expect(await house.jobRow(job)).toMatchObject({ status: 'success' })
  })

  test('is refused where the door does not say may_cancel', async ({ house, another }) => {
    const { session, job } = await enqueued(house, another, false)

    expect(await refusal(call(session, 'cancel', { job }))).toMatchObject({
      code: 'SQ403',
      hint: expect.stringContaining('may_cancel => true'),
    })
    expect(await house.jobRow(job)).toMatchObject({ status: 'pending' })
  })

  test('reaches no job of another', async ({ house, another }) => {
    const { session, job } = await enqueued(house, another)
    await signIn(session)

    expect(await refusal(call(session, 'cancel', { job }))).toMatchObject({ code: 'SQ404' })
    expect(await house.jobRow(job)).toMatchObject({ status: 'pending' })
  })
})
