import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signJwt } from '../../../../../scripts/dev/keys.ts'
import { type JobStatus, openQueueAsUser } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { openScene, type Scene, until } from '../../../../faults/support/scene.ts'
import { sent, standInForRealtime } from '../../../../support/realtime.ts'
import { sums } from './support/functions/_shared/queues.ts'
import { makeRealtime } from './support/realtime.ts'

// Users of the app at their end, signed in by JWTs of their own, and a whole stack behind the door.

let scene: Scene
let ada: Awaited<ReturnType<typeof signedIn>>

beforeAll(async () => {
  scene = await openScene({ rest: 'lite', functions: [fileURLToPath(new URL('support/functions', import.meta.url))] })
})

beforeEach(async () => {
  await scene.queue({ name: 'sums', edge_function_name: 'add', workers: 3 })
  ada = await signedIn()
})

afterEach(() => scene.db.query('delete from supaqueue.queue'))

afterAll(() => scene?.close())

/** The queue as a user sees it who has just signed in, somebody else each time. */
const signedIn = async () => openQueueAsUser(await connect(randomUUID()), sums)

async function connect(user: string, transport = Object as never) {
  const { keys, apiUrl } = scene.stack
  const token = await signJwt(keys.jwtSecret, { role: 'authenticated', sub: user })
  return createClient(apiUrl, keys.publishable, {
    accessToken: () => Promise.resolve(token),
    realtime: { transport },
  })
}

/** Opens the queue to them, as the owner does. */
const allow = (door = '') => scene.db.query(`select supaqueue.allow('sums', 'authenticated'${door && `, ${door}`})`)

const pause = () => scene.db.query('update supaqueue.queue set paused = true')

const row = async (job: number) => (await scene.db.query('select * from supaqueue.job where id = $1', [job])).rows[0]

describe('enqueue', () => {
  test('is refused until the queue is opened, and says what opens it', async () => {
    await expect(ada.enqueue({ terms: [1] })).rejects.toMatchObject({
      code: '42501',
      hint: expect.stringContaining('supaqueue.allow'),
    })
    expect(await scene.jobs((await scene.db.query('select id from supaqueue.queue')).rows[0].id)).toEqual([])
  })

  test('sends a job, and waitFor gives its result where users may see it', async () => {
    await allow('show_result => true')

    expect(await ada.waitFor(await ada.enqueue({ terms: [20, 22] }))).toEqual({ sum: 42, year: 2000 })
  })

  test('sends nothing that the function would refuse', async () => {
    await allow()

    await expect(ada.enqueue({ terms: ['one'] } as never)).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringContaining('terms.0'),
    })
  })

  test('begins no sooner than it is told', async () => {
    await allow()
    const at = new Date(Date.now() + 3_600_000)

    const [first, second] = [
      await ada.enqueue({ terms: [] }, { at }),
      await ada.enqueue({ terms: [] }, { after: 60_000 }),
    ]

    expect((await row(first)).run_at).toEqual(at)
    expect(Number((await row(second)).run_at)).toBeGreaterThan(Date.now() + 30_000)
  })

  test('with a key that is taken gives the job that has it', async () => {
    await allow()
    await pause()
    const job = await ada.enqueue({ terms: [1] }, { dedupeKey: 'once' })

    expect(await ada.enqueue({ terms: [2] }, { dedupeKey: 'once' })).toBe(job)
    expect((await row(job)).payload).toEqual({ terms: [1] })
  })

  test.each([
    ['SQ413', 'max_bytes => 10', { terms: [1, 2, 3, 4, 5, 6, 7, 8, 9] }],
    ['SQ422', `schema => '{"type": "object", "required": ["since"]}'`, { terms: [] }],
  ])('throws %s as the door says, which was opened with %s', async (code, door, payload) => {
    await allow(door)

    await expect(ada.enqueue(payload)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\S/) })
  })

  test('throws SQ429 when a user has enqueued too many in a minute', async () => {
    await allow('per_minute => 1')
    await ada.enqueue({ terms: [] })

    await expect(ada.enqueue({ terms: [] })).rejects.toMatchObject({ code: 'SQ429' })
  })
})

describe('a job', () => {
  test('of somebody else is not there', async () => {
    await allow('may_cancel => true')
    const job = await ada.enqueue({ terms: [] }, { after: 60_000 })
    const eve = await signedIn()

    await expect(eve.status(job)).rejects.toMatchObject({ code: 'SQ404' })
    await expect(eve.waitFor(job)).rejects.toMatchObject({ code: 'SQ404' })
    await expect(eve.cancel(job)).rejects.toMatchObject({ code: 'SQ404' })
  })

  test('is sent the signals that users may send, once per key', async () => {
    await allow(`may_signal => '{approval}'`)
    const job = await ada.enqueue({ terms: [] }, { after: 60_000 })

    await ada.signal(job, 'approval', { by: 'Ada' }, { idempotencyKey: 'k' })
    await ada.signal(job, 'approval', { by: 'Eve' }, { idempotencyKey: 'k' })

    expect((await scene.db.query('select payload from supaqueue.signal where job = $1', [job])).rows).toEqual([
      { payload: { by: 'Ada' } },
    ])
    await expect(ada.signal(job, 'payment')).rejects.toMatchObject({ code: 'SQ403', hint: expect.any(String) })
    await expect((await signedIn()).signal(job, 'approval')).rejects.toMatchObject({ code: 'SQ404' })
  })

  test('of a queue that does not show results ends with null, and tells no error', async () => {
    await allow()
    const [good, bad] = [await ada.enqueue({ terms: [1] }), await ada.enqueue({ terms: [], then: 'fail' })]

    expect(await ada.waitFor(good)).toBeNull()
    const reason = await ada.waitFor(bad).catch((reason) => reason)
    expect(reason).toMatchObject({ code: 'SQ424', status: 'failed' })
    expect(reason.message).not.toContain('cannot add these')
    expect(await ada.status(bad)).toEqual({ id: bad, status: 'failed', progress: null, result: null, error: null })
  })

  test('tells how far it is', async () => {
    await allow()
    const heard: JobStatus[] = []
    const job = await ada.enqueue({ terms: [], then: 'tell' })

    const stop = ada.onProgress(job, (status) => heard.push(status), { every: 5 })
    await until(() => heard.at(-1)?.progress?.percent === 50)
    stop()

    expect(heard.at(-1)).toMatchObject({ status: 'in_progress', progress: { percent: 50, note: 'half of it' } })
  })

  test('that waits is taken back where users may', async () => {
    await allow('may_cancel => true')
    const job = await ada.enqueue({ terms: [] }, { after: 60_000 })

    expect([await ada.cancel(job), await ada.cancel(job)]).toEqual([true, false])
    expect((await row(job)).status).toBe('cancelled')
  })

  test('is left alone where users may not take it back', async () => {
    await allow()
    const job = await ada.enqueue({ terms: [] }, { after: 60_000 })

    await expect(ada.cancel(job)).rejects.toMatchObject({ code: 'SQ403' })
    expect((await row(job)).status).toBe('pending')
  })
})

test('live, a user hears by Realtime what the database tells it', async () => {
  await standInForRealtime(scene.harness)
  await allow('live => true')
  const user = randomUUID()
  const realtime = makeRealtime()
  const supabase = await connect(user, realtime.transport)
  const queue = openQueueAsUser(supabase, sums, { live: user })
  await pause()
  const heard: string[] = []
  const job = await queue.enqueue({ terms: [1] })
  queue.onProgress(job, ({ status }) => heard.push(status))
  await until(() => heard.length > 0 && realtime.doors().length > 0)

  await scene.db.query('update supaqueue.queue set paused = false')
  await scene.untilEnded((await row(job)).queue)
  for (const { event, payload } of await sent(scene.harness, `supaqueue:${user}`)) {
    realtime.tell(`supaqueue:${user}`, event, payload)
  }
  await until(() => heard.at(-1) === 'success')
  await until(() => realtime.doors().length === 2)
  await supabase.realtime.disconnect()

  expect(await sent(scene.harness, `supaqueue:${user}`)).toContainEqual({
    event: 'job',
    private: true,
    payload: expect.objectContaining({ job, status: 'success' }),
  })
  expect(realtime.doors()).toEqual([
    `phx_join realtime:supaqueue:${user}`,
    `phx_leave realtime:supaqueue:${user}`,
  ])
})
