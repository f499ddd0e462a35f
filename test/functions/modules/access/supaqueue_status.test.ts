import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { allow, call, openQueue, signIn } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

type Another = (role: 'authenticated' | 'anon') => Promise<Harness>

async function enqueued(harness: Harness, another: Another, door = {}) {
  const queue = await openQueue(harness, door)
  await harness.workers(queue, 1)
  const session = await another('authenticated')
  const user = await signIn(session)
  return { queue, session, user, job: await call(session, 'enqueue', { queue }) as number }
}

describe('supaqueue_status', () => {
  test('shows a user how a job of their own fares, and how far it is', async ({ harness, another }) => {
    const { queue, session, job } = await enqueued(harness, another)
    const [entry] = await harness.take(randomUUID(), queue)
    await harness.progress(entry!.current_job.id, 40, 'page 4')
    const { rows: [{ name }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [queue])

    expect(await call(session, 'status', { job })).toEqual({
      id: job,
      queue: name,
      status: 'in_progress',
      attempts: 1,
      progress_percent: '40.00',
      progress_note: 'page 4',
      created_at: expect.any(Date),
      run_at: expect.any(Date),
      finished_at: null,
      result: null,
    })
  })

  test.for([[true, { n: 7 }], [false, null]] as const)(
    'with show_result %s shows %j of the result',
    async ([show_result, result], { harness, another }) => {
      const { queue, session, job } = await enqueued(harness, another, { show_result })
      const run = randomUUID()
      const [entry] = await harness.take(run, queue)
      await harness.report(run, queue, [entry!.current_job.id], 'success', { result: { n: 7 } })

      expect(await call(session, 'status', { job })).toMatchObject({
        status: 'success',
        result,
        finished_at: expect.any(Date),
      })
    },
  )

  test('does not tell what a job died of', async ({ harness, another }) => {
    const { queue, session, job } = await enqueued(harness, another, { show_result: true })
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)
    await harness.report(run, queue, [entry!.current_job.id], 'killed', { error: 'password of the bank' })

    const seen = await call(session, 'status', { job })

    expect(seen).toMatchObject({ status: 'failed' })
    expect(JSON.stringify(seen)).not.toContain('bank')
  })

  test('says the same of the job of another, of one that nobody enqueued, and of one that is not there', async ({ harness, another }) => {
    const { queue, session, job } = await enqueued(harness, another)
    const nobodys = await harness.job(queue)
    await signIn(session)
    const said = async (id: number) => {
      const { code, message, hint } = await refusal(call(session, 'status', { job: id }))
      return { code, message: message.replace(String(id), 'it'), hint }
    }

    const unknown = await said(2 ** 40)

    expect(unknown).toMatchObject({ code: 'SQ404' })
    expect(await said(job)).toEqual(unknown)
    expect(await said(nobodys)).toEqual(unknown)
  })

  test('shows anon nothing, not even what anon enqueued', async ({ harness, another }) => {
    const queue = await openQueue(harness, {}, 'anon')
    const session = await another('anon')
    const job = await call(session, 'enqueue', { queue })

    expect(await refusal(call(session, 'status', { job }))).toMatchObject({ code: 'SQ404' })
  })

  test('shows nothing of a queue that was closed', async ({ harness, another }) => {
    const { queue, session, job } = await enqueued(harness, another)
    await openQueue(harness)
    await ask(harness, 'revoke', { queue })
    await allow(harness, queue, {}, 'anon')

    expect(await refusal(call(session, 'status', { job }))).toMatchObject({ code: 'SQ404' })
  })

  test('shows service_role any job', async ({ harness, another }) => {
    const { job } = await enqueued(harness, another)

    expect(await call(harness, 'status', { job })).toMatchObject({ id: job })
  })
})
