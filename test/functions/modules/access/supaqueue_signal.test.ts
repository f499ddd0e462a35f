import { describe, expect } from 'vitest'
import { call, openQueue, signIn } from '../../../support/door.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { steps } from '../steps/support.ts'

const OPEN = { may_signal: '{approval,address}' }

/** A queue that is open to users, one of them, and a job of theirs that is being called. */
async function waiting(harness: Harness, another: (role: 'authenticated') => Promise<Harness>, door: object = OPEN) {
  const queue = await openQueue(harness, door)
  await harness.workers(queue, 1)
  const session = await another('authenticated')
  await signIn(session)
  const job = await call(session, 'enqueue', { queue }) as number
  const [first] = await harness.take(crypto.randomUUID(), queue)
  const send = (named: Record<string, unknown>) => call(session, 'signal', { job, ...named })
  return { queue, session, job, token: first!.current_job.id, send }
}

const sentTo = async (harness: Harness, job: number) =>
  (await harness.db.query('select name, payload, taken_by from supaqueue.signal where job = $1 order by id', [job]))
    .rows

describe('supaqueue_signal', () => {
  test('ends the wait of a job of the user’s, and answers null', async ({ harness, another }) => {
    const { job, token, send } = await waiting(harness, another)
    await steps(harness).suspend(token, [{ name: 'approval', kind: 'wait' }])

    expect(await send({ name: 'approval', payload: '{"by": "Ada"}' })).toBe(null)

    expect(await steps(harness).rows(job)).toMatchObject([{ status: 'done', result: { by: 'Ada' } }])
    const { status, run_at } = await harness.jobRow(job)
    expect(status).toBe('pending')
    expect(run_at.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
  })

  test('is kept for a wait to come, once per idempotency key', async ({ harness, another }) => {
    const { job, token, send } = await waiting(harness, another)
    await send({ name: 'address', payload: '"Lane 1"', idempotency_key: 'k' })
    await send({ name: 'address', payload: '"Lane 2"', idempotency_key: 'k' })

    expect(await sentTo(harness, job)).toEqual([{ name: 'address', payload: 'Lane 1', taken_by: null }])
    expect(await steps(harness).suspend(token, [{ name: 'address', kind: 'wait' }])).toMatchObject({ suspended: false })
  })

  test.for<[string, object]>([
    ['lists another name', { may_signal: '{payment}' }],
    ['lists none', {}],
    ['lists an empty list', { may_signal: '{}' }],
  ])('is refused where the door %s', async ([, door], { harness, another }) => {
    const { job, send } = await waiting(harness, another, { ...door, per_minute: 2 })

    for (const name of ['approval', null, '']) {
      expect(await refusal(send({ name }))).toMatchObject({
        code: 'SQ403',
        hint: expect.stringContaining('may_signal =>'),
      })
    }
    expect(await sentTo(harness, job)).toEqual([])
  })

  test('reaches no job of another, of a queue that has been closed, or that a server enqueued', async ({ harness, another }) => {
    const { queue, session, job, send } = await waiting(harness, another)
    const served = await harness.job(queue)
    const theirs = await another('authenticated')
    await signIn(theirs)

    for (const [who, which] of [[theirs, job], [session, served], [session, -1]] as const) {
      expect(await refusal(call(who, 'signal', { job: which, name: 'approval' }))).toMatchObject({ code: 'SQ404' })
    }
    await harness.db.query('select supaqueue.revoke($1)', [queue])
    // Other queues are open: they may run the function, and reach nothing.
    expect(await refusal(send({ name: 'approval' }))).toMatchObject({ code: 'SQ404' })
    expect(await sentTo(harness, job)).toEqual([])
  })

  test('counts as a job of per_minute', async ({ harness, another }) => {
    const { job, send } = await waiting(harness, another, { ...OPEN, per_minute: 2 })
    await send({ name: 'approval' })

    expect(await refusal(send({ name: 'approval' }))).toMatchObject({ code: 'SQ429', detail: expect.any(String) })
    expect(await sentTo(harness, job)).toHaveLength(1)
  })

  test.for<[string, string, object, string]>([
    ['that is larger than the door takes', 'SQ413', { ...OPEN, max_bytes: 100 }, JSON.stringify('x'.repeat(100))],
    ['with a number that no function can be given', 'SQ422', OPEN, '[1e1000]'],
  ])('refuses a payload %s', async ([, code, door, payload], { harness, another }) => {
    const { job, send } = await waiting(harness, another, door)

    expect(await refusal(send({ name: 'approval', payload }))).toMatchObject({ code })
    expect(await sentTo(harness, job)).toEqual([])
  })

  test('is refused when the job has ended', async ({ harness, another }) => {
    const { session, job, send } = await waiting(harness, another, { ...OPEN, may_cancel: true })
    await harness.db.query('select supaqueue.cancel($1)', [job])

    expect(await refusal(send({ name: 'approval' }))).toMatchObject({ code: 'SQ409' })
    expect(session).toBeDefined()
  })

  test('anon, who owns no job, sends none', async ({ harness, another }) => {
    const queue = await openQueue(harness, { ...OPEN, per_minute: 10 }, 'anon')
    const job = await harness.job(queue)
    const nobody = await another('anon')

    expect(await refusal(call(nobody, 'signal', { job, name: 'approval' }))).toMatchObject({ code: 'SQ404' })
  })

  test('service_role sends any', async ({ harness, another }) => {
    const job = await harness.job(await harness.queue())
    const service = await another('service_role')

    await call(service, 'signal', { job, name: 'whatever', payload: '1' })

    expect(await sentTo(harness, job)).toEqual([{ name: 'whatever', payload: 1, taken_by: null }])
  })
})

describe('the names of a door', () => {
  test.for(['{""}', '{null}', '{{a,b}}', `{${'a,'.repeat(100)}b}`, `{${'a'.repeat(20001)}}`])(
    'are not %.20s',
    async (names, { harness }) => {
      const queue = await harness.queue()

      const writing = harness.db.query(`insert into supaqueue.door (queue, role, may_signal) values ($1, 'anon', $2)`, [
        queue,
        names,
      ])
      expect(await refusal(writing)).toMatchObject({ constraint: 'door_may_signal_is_at_most_100_names' })
    },
  )

  test('that are null are none', async ({ harness }) => {
    const queue = await harness.queue()
    const { rows } = await harness.db.query(
      `insert into supaqueue.door (queue, role, may_signal) values ($1, 'anon', null) returning may_signal`,
      [queue],
    )
    expect(rows).toEqual([{ may_signal: [] }])
  })
})
