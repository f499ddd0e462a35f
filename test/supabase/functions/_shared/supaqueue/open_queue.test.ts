import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openClient } from '../../../../../scripts/dev/client.ts'
import {
  createQueue,
  defineQueue,
  JobFailed,
  type JobStatus,
  openQueue,
  openQueueAsUser,
  publish,
  subscribe,
  type Supabase,
  unsubscribe,
} from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { blocksOf, kitPages, readPage, root } from '../../../../support/markdown.ts'
import { openScene, type Scene, until } from '../../../../faults/support/scene.ts'
import { sums } from './support/functions/_shared/queues.ts'

// Both ends of a defined queue, with a whole stack between them: supabase-js here, the handler of `add` in Deno.

let scene: Scene
let supabase: ReturnType<typeof openClient>
let queue: ReturnType<typeof openQueue<typeof sums>>
let id: string
/** A project of the files that the page shows. */
let page: string

beforeAll(async () => {
  page = writePage()
  scene = await openScene({
    rest: 'lite',
    functions: [fileURLToPath(new URL('support/functions', import.meta.url)), join(page, 'supabase/functions')],
  })
  supabase = openClient(scene.stack, scene.stack.keys.secret)
})

beforeEach(async () => {
  id = await scene.queue({ name: 'sums', edge_function_name: 'add', workers: 3 })
  queue = openQueue(supabase, sums)
})

afterEach(() => scene.db.query('delete from supaqueue.queue'))

afterAll(async () => {
  await scene?.close()
  rmSync(page, { recursive: true, force: true })
})

/** What the database has of a job. */
const row = async (job: number) => (await scene.db.query('select * from supaqueue.job where id = $1', [job])).rows[0]

const pause = () => scene.db.query('update supaqueue.queue set paused = true')

test('createQueue makes the queue with its workers, and changes what is said anew', async () => {
  const made = await createQueue(supabase, 'films', { function: 'add', workers: 3, maxRps: 0.5, timeout: 5000 })
  const changed = await createQueue(
    supabase,
    defineQueue('films', { safeParse: (data: unknown) => ({ success: true as const, data }) }),
    {
      workers: 1,
      headers: { 'x-reel': '7' },
    },
  )

  const { rows } = await scene.db.query(
    `select edge_function_name, timeout_ms, default_headers,
       (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers
     from supaqueue.queue where id = $1`,
    [made],
  )
  expect(changed).toBe(made)
  expect(rows).toEqual([{
    edge_function_name: 'add',
    timeout_ms: 5000,
    default_headers: { 'x-reel': '7' },
    workers: 1,
  }])
  await expect(createQueue(supabase, 'films', { maxRps: -1 })).rejects.toMatchObject({ code: 'SQ422' })
})

test('createQueue says what goes together in a call, in which order, and how long keys stay taken', async () => {
  const made = await createQueue(supabase, 'films', {
    batchSize: 20,
    batchWait: 200,
    batchBy: 'key',
    batchCounts: 'calls',
    afterFailure: 'continue',
    dedupeUntil: 'begun',
  })
  // Where keys have an order, they do not go together.
  await createQueue(supabase, 'shorts', { ordered: 'key' })

  const { rows } = await scene.db.query(
    `select * from supaqueue.queue where id = $1 or name = 'shorts' order by name`,
    [made],
  )
  expect(rows).toMatchObject([{
    batch_size: 20,
    batch_wait_ms: 200,
    batch_by: 'key',
    batch_counts: 'calls',
    after_failure: 'continue',
    dedupe_until: 'begun',
  }, { name: 'shorts', ordered: 'key', batch_by: null, dedupe_until: 'finished' }])
})

describe('enqueue', () => {
  test('sends what the schema takes, and the function gets what the schema makes of it', async () => {
    const job = await queue.enqueue({ terms: [1, 2, 39], since: '2026-01-01T00:00:00Z' })

    expect(await queue.waitFor(job)).toEqual({ sum: 42, year: 2026 })
    expect((await row(job)).payload).toEqual({ terms: [1, 2, 39], since: '2026-01-01T00:00:00Z' })
  })

  test('sends nothing that the function would refuse, and says which place does not fit', async () => {
    const wrong = { terms: [1, 'two'] } as never

    await expect(queue.enqueue(wrong)).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^the payload does not fit: terms\.1: /),
      hint: expect.stringMatching(/\S/),
    })
    expect(await scene.jobs(id)).toEqual([])
  })

  test('looks at a payload as it will arrive: a Date arrives as a text', async () => {
    const job = await queue.enqueue({ terms: [], since: new Date('2020-05-05') as never })

    expect(await queue.waitFor(job)).toEqual({ sum: 0, year: 2020 })
  })

  test('refuses what cannot be JSON', async () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle

    await expect(queue.enqueue(circle as never)).rejects.toMatchObject({ code: 'SQ422' })
  })

  test('passes on every option under the name that the database has for it', async () => {
    await pause()
    const first = await queue.enqueue({ terms: [] }, { held: true })
    const job = await queue.enqueue({ terms: [] }, {
      at: new Date('2199-01-01T00:00:00Z'),
      priority: 5,
      dedupeKey: 'once',
      headers: { 'x-team': 'mail' },
      version: 2,
      maxAttempts: 7,
      timeout: 1500,
      concurrencyKey: 'tenant',
      dependsOn: [first],
    })

    expect(await row(job)).toMatchObject({
      run_at: new Date('2199-01-01T00:00:00Z'),
      priority: 5,
      dedupe_key: 'once',
      headers: { 'x-team': 'mail' },
      version: 2,
      max_attempts: 7,
      timeout_ms: 1500,
      concurrency_key: 'tenant',
      waits_for: 1,
      status: 'held',
    })
  })

  test('after so many milliseconds is so long from now', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [] }, { after: 90_500 })

    const { run_at, created_at } = await row(job)
    expect(Number(run_at) - Number(created_at)).toBe(90_500)
  })

  test('of a key that is taken does what onConflict says', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [1] }, { dedupeKey: 'once' })

    await expect(queue.enqueue({ terms: [2] }, { dedupeKey: 'once' })).rejects.toMatchObject({ code: 'SQ409' })
    expect(await queue.enqueue({ terms: [3] }, { dedupeKey: 'once', onConflict: 'skip' })).toBe(job)
    expect(await queue.enqueue({ terms: [4] }, { dedupeKey: 'once', onConflict: 'replace' })).toBe(job)
    expect((await row(job)).payload).toEqual({ terms: [4] })
  })

  test('of many with one key makes few', async () => {
    await pause()
    await scene.db.query(`update supaqueue.queue set dedupe_until = 'begun'`)
    const burst = { dedupeKey: 'burst', debounce: 1_500, maxWait: 60_000 }

    const job = await queue.enqueue({ terms: [1] }, burst)
    expect(await queue.enqueue({ terms: [2] }, burst)).toBe(job)
    const { payload, run_at, created_at } = await row(job)
    expect(payload).toEqual({ terms: [2] })
    expect(Number(run_at) - Number(created_at)).toBeGreaterThanOrEqual(1_500)

    const [again] = await queue.enqueueMany([{ payload: { terms: [5] }, dedupeKey: 'burst' }], { debounce: 1_500 })
    expect(again!.id).toBe(job)
    expect((await row(job)).payload).toEqual({ terms: [5] })

    const first = await row(await queue.enqueue({ terms: [3] }, { dedupeKey: 'throttled', throttle: 60_000 }))
    expect(first.run_at).toEqual(first.created_at)

    await expect(queue.enqueue({ terms: [] }, { debounce: 1_000 })).rejects.toMatchObject({ code: 'SQ422' })
    await expect(queue.enqueue({ terms: [] }, { throttle: 0 })).rejects.toMatchObject({ code: 'SQ422' })
  })

  test('is done by publish for each queue that subscribed', async () => {
    await pause()
    expect(await subscribe(supabase, 'sum.*', 'sums', { wanted: true })).toBe(true)

    expect(await publish(supabase, 'sum.asked')).toEqual([])
    const [job] = await publish(supabase, 'sum.asked', { wanted: true }, {
      dedupeKey: 'once',
      priority: 4,
      after: 1_000,
    })

    expect(await row(job!)).toMatchObject({ payload: { wanted: true }, dedupe_key: 'once', priority: 4 })
    expect(await unsubscribe(supabase, 'sum.*', 'sums')).toBe(1)
    await expect(publish(supabase, 'sum.*')).rejects.toMatchObject({ code: 'SQ422' })
  })

  test('is done by publish with what enqueue would send: bytes as bytes, and nothing that cannot be JSON', async () => {
    await pause()
    await subscribe(supabase, '**', 'sums')
    const [job] = await publish(supabase, 'sum.asked', new Uint8Array([0, 127, 255]))

    expect((await row(job!)).payload).toEqual({ $base64: 'AH//' })
    await expect(publish(supabase, 'sum.asked', { count: 10n as never })).rejects.toMatchObject({ code: 'SQ422' })
    await subscribe(supabase, 'sum.*', 'sums')
    expect(await unsubscribe(supabase, null, 'sums')).toBe(2)
  })

  const unreadable: [string, () => Promise<unknown>][] = [
    ['a priority that is not whole', () => queue.enqueue({ terms: [] }, { priority: 1.5 })],
    ['a timeout that is too long', () => queue.enqueue({ terms: [] }, { timeout: 3e9 })],
    ['attempts that are no number', () => queue.enqueue({ terms: [] }, { maxAttempts: 'many' as never })],
    ['a time after all years', () => queue.enqueue({ terms: [] }, { at: new Date(8.6e15) })],
    ['a delay without end', () => queue.enqueue({ terms: [] }, { after: 1e21 })],
    ['a burst without end', () => queue.enqueue({ terms: [] }, { dedupeKey: 'k', debounce: 1e21 })],
    [
      'one of many with a priority that is not whole',
      () => queue.enqueueMany([{ payload: { terms: [] }, priority: 0.5 }]),
    ],
    ['a publish with a priority that is not whole', () => publish(supabase, 'sum.asked', {}, { priority: 1.5 })],
    ['a publish after a delay without end', () => publish(supabase, 'sum.asked', {}, { after: 1e21 })],
    ['a queue with half a worker', () => createQueue(supabase, 'sums', { workers: 0.5 })],
    ['a user who enqueues after a delay without end', () => {
      const asUser = openQueueAsUser(supabase, sums)
      return asUser.enqueue({ terms: [] }, { after: 1e16 })
    }],
  ]
  test.for(unreadable)('of %s is refused by a code of ours, with what to do', async ([, act]) => {
    await expect(act()).rejects.toMatchObject({ code: 'SQ422', hint: expect.stringMatching(/\S/) })
    expect(await scene.jobs(id)).toEqual([])
  })

  test('into a queue that is not there is SQ404, with what the database hints at', async () => {
    const lost = openQueue(supabase, defineQueue('sum', sums.payload))

    await expect(lost.enqueue({ terms: [] })).rejects.toMatchObject({
      code: 'SQ404',
      hint: expect.stringContaining(`'sums'`),
    })
  })

  test('with a key that may not enqueue says which client belongs there', async () => {
    const closed = openQueue(openClient(scene.stack, scene.stack.keys.publishable), sums)

    await expect(closed.enqueue({ terms: [] })).rejects.toMatchObject({
      code: '42501',
      hint: expect.stringContaining('openQueueAsUser'),
    })
  })

  test('that is not answered says that it may have been carried out', async () => {
    const fetch = () => Promise.reject(new TypeError('no network'))
    const offline = openQueue(openClient({ apiUrl: 'http://127.0.0.1:9' }, 'sb_secret_none'), sums)
    vi.stubGlobal('fetch', fetch)

    await expect(offline.enqueue({ terms: [] })).rejects.toMatchObject({ code: 'SQ503' })
    vi.unstubAllGlobals()
  })

  test('of bytes brings them to the function as bytes', async () => {
    const bytes = openQueue(supabase, defineQueue('sums', anything))
    await pause()

    const job = await bytes.enqueue(new Uint8Array([0, 127, 255]))

    expect((await row(job)).payload).toEqual({ $base64: 'AH//' })
  })
})

describe('enqueueMany', () => {
  test('enqueues a batch, each with its options, and tells their ids in this order', async () => {
    await pause()
    const made = await queue.enqueueMany(
      [{ payload: { terms: [1] } }, { payload: { terms: [2] }, priority: 9 }, { payload: { terms: [3] }, held: true }],
      { label: 'three sums' },
    )

    expect(made.map(({ enqueued }) => enqueued)).toEqual([true, true, true])
    expect(await scene.jobs(id)).toMatchObject([
      { payload: { terms: [1] }, priority: 0, status: 'pending', batch: made[0]!.batch },
      { payload: { terms: [2] }, priority: 9, status: 'pending', batch: made[0]!.batch },
      { payload: { terms: [3] }, priority: 0, status: 'held', batch: made[0]!.batch },
    ])
  })

  test('enqueues none when one does not fit, and says which', async () => {
    const jobs = [{ payload: { terms: [1] } }, { payload: {} as never }]

    await expect(queue.enqueueMany(jobs)).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/^the payload of jobs\[1\] does not fit: terms: /),
    })
    expect(await scene.jobs(id)).toEqual([])
  })

  test('tells of one that is skipped which job has its key', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [] }, { dedupeKey: 'once' })

    expect(
      await queue.enqueueMany([{ payload: { terms: [] }, dedupeKey: 'once' }], { onConflict: 'skip' }),
    ).toEqual([{ id: job, batch: null, enqueued: false }])
  })
})

describe('waitFor', () => {
  test('throws what the job failed of', async () => {
    const job = await queue.enqueue({ terms: [], then: 'fail' })

    const reason = await queue.waitFor(job).catch((reason) => reason)

    expect(reason).toBeInstanceOf(JobFailed)
    expect(reason).toMatchObject({ code: 'SQ424', job, status: 'failed' })
    expect(reason.message).toContain('cannot add these')
  })

  test('throws when the job is cancelled meanwhile', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [] })
    const waited = queue.waitFor(job).catch((reason) => reason)

    expect(await queue.cancel(job)).toBe(true)

    expect(await waited).toMatchObject({ code: 'SQ424', status: 'cancelled' })
  })

  test('throws when the job is deleted, or of another queue', async () => {
    await pause()
    const other = await scene.harness.job(await scene.queue({ name: 'others' }))

    await expect(queue.waitFor(2 ** 52)).rejects.toMatchObject({ code: 'SQ404' })
    await expect(queue.waitFor(other)).rejects.toMatchObject({ code: 'SQ404' })
  })

  test('gives up when the time is over, and the job goes on', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [1] })

    await expect(queue.waitFor(job, { timeout: 20 })).rejects.toMatchObject({ code: 'SQ504' })

    await scene.db.query('update supaqueue.queue set paused = false')
    expect(await queue.waitFor(job, { timeout: Infinity })).toEqual({ sum: 1, year: 2000 })
  })

  test('ends when its signal is aborted, with the reason', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [] })
    const reason = new Error('enough')

    await expect(queue.waitFor(job, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('does not believe a result that is not what the queue is defined with', async () => {
    const job = await queue.enqueue({ terms: [], then: 'lie' })

    await expect(queue.waitFor(job)).rejects.toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(/succeeded, but the result does not fit: sum: /),
    })
  })

  test('goes on asking a database that does not answer', async () => {
    const asked: string[] = []
    const job = await queue.enqueue({ terms: [1] })
    await scene.untilEnded(id)
    scene.stack.rest.faults.refuse = 'unavailable'
    const waited = openQueue(watching(asked), sums).waitFor(job, { every: 5 })
    await until(() => asked.length > 2)
    scene.stack.rest.faults.refuse = undefined

    expect(await waited).toEqual({ sum: 1, year: 2000 })
  })

  test('does not wait with a key that is not valid', async () => {
    const job = await queue.enqueue({ terms: [1] })
    const stranger = openQueue(openClient(scene.stack, 'sb_secret_of_another_project'), sums)

    await expect(stranger.waitFor(job)).rejects.toMatchObject({ code: 'SQ401', hint: expect.stringContaining('key') })
  })

  test('asks for all jobs that are waited for in one request', async () => {
    const asked: string[] = []
    const counting = openQueue(watching(asked), sums)
    await pause()
    const made = await counting.enqueueMany(Array.from({ length: 50 }, (_, n) => ({ payload: { terms: [n] } })))
    const waited = Promise.all(made.map((job) => counting.waitFor(job.id, { every: 50 })))
    await scene.db.query('update supaqueue.queue set paused = false')

    expect((await waited).map(({ sum }) => sum)).toEqual(Array.from({ length: 50 }, (_, n) => n))
    const looks = asked.filter((table) => table === 'job').length
    expect(looks).toBeGreaterThan(0)
    // One by one it would be fifty for each look.
    expect(looks).toBeLessThan(50)
  })
})

describe('onProgress', () => {
  test('tells every change until the job has ended, and then no more', async () => {
    const heard: JobStatus[] = []
    const asked: string[] = []
    const job = await queue.enqueue({ terms: [], then: 'tell' }, { held: true })
    openQueue(watching(asked), sums).onProgress(job, (status) => heard.push(status), { every: 5 })
    await until(() => asked.length > 3)
    await scene.db.query('select supaqueue.release($1)', [job])
    await until(() => heard.some(({ progress }) => progress?.percent === 50))

    // Until its dispatcher has brought to the database that it reports later, a turn may hold the job.
    const current = async () => await scene.harness.currentJob(job)
    await until(async () => (await current()).dispatcher === (await current()).id)
    await scene.harness.finish((await current()).id, 'complete', { result: { sum: 1, year: 1 } })
    await until(() => heard.at(-1)?.status === 'success')

    expect(heard[0]).toEqual({ id: job, status: 'held', progress: null, result: null, error: null })
    expect(heard).toContainEqual({
      id: job,
      status: 'in_progress',
      progress: { percent: 50, note: 'half of it' },
      result: null,
      error: null,
    })
    expect(heard.at(-1)).toMatchObject({ status: 'success', result: { sum: 1, year: 1 } })
    expect(new Set(heard.map((one) => JSON.stringify(one))).size).toBe(heard.length)
  })

  test('tells nothing more once it is stopped', async () => {
    const heard: JobStatus[] = []
    await pause()
    const job = await queue.enqueue({ terms: [] })
    const stop = queue.onProgress(job, (status) => heard.push(status), { every: 5 })
    await until(() => heard.length === 1)

    stop()
    await queue.cancel(job)
    await queue.waitFor(job).catch(() => {})

    expect(heard).toHaveLength(1)
  })

  test('tells by onError why nothing will be heard', async () => {
    const reasons: unknown[] = []

    queue.onProgress(2 ** 52, () => {}, { onError: (reason) => reasons.push(reason) })
    await until(() => reasons.length > 0)

    expect(reasons).toEqual([expect.objectContaining({ code: 'SQ404' })])
  })
})

describe('status, cancel and retry', () => {
  test('status tells where a job stands, and what it failed of', async () => {
    const job = await queue.enqueue({ terms: [], then: 'fail' })
    await scene.untilEnded(id)

    expect(await queue.status(job)).toEqual({
      id: job,
      status: 'failed',
      progress: null,
      result: null,
      error: expect.stringContaining('cannot add these'),
    })
    await expect(queue.status(2 ** 52)).rejects.toMatchObject({ code: 'SQ404' })
  })

  test('status finds the jobs of a queue that was deleted and made anew', async () => {
    await pause()
    await queue.status(await queue.enqueue({ terms: [] }))
    await scene.db.query('delete from supaqueue.queue')
    await scene.queue({ name: 'sums', edge_function_name: 'add' })

    const job = await queue.enqueue({ terms: [] })

    expect((await queue.status(job)).id).toBe(job)
  })

  test('status of a queue that is not there says so', async () => {
    const lost = openQueue(supabase, defineQueue('sum', sums.payload))

    await expect(lost.status(1)).rejects.toMatchObject({ code: 'SQ404', message: 'there is no queue sum' })
  })

  test('cancel tells whether the job had not ended before', async () => {
    await pause()
    const job = await queue.enqueue({ terms: [] })

    expect([await queue.cancel(job), await queue.cancel(job)]).toEqual([true, false])
  })

  test('retry begins a job anew that has ended, and refuses one that has not', async () => {
    const job = await queue.enqueue({ terms: [1] }, { held: true })
    await expect(queue.retry(job)).rejects.toMatchObject({ code: 'SQ409', hint: expect.stringMatching(/\S/) })

    await queue.cancel(job)
    await queue.retry(job)

    expect(await queue.waitFor(job)).toEqual({ sum: 1, year: 2000 })
  })
})

test('an edge function sends and waits by the same definition', async () => {
  const response = await fetch(`${scene.stack.apiUrl}/functions/v1/relay`, { method: 'POST' })

  expect(await response.json()).toEqual({ sum: 3, year: 2000 })
})

test('the programs of the page send and receive', async () => {
  await scene.db.query(`update supaqueue.queue set edge_function_name = 'sum'`)
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(page, 'send.ts')], {
    cwd: root,
    env: { ...process.env, SUPABASE_URL: scene.stack.apiUrl, SUPABASE_SECRET_KEY: scene.stack.keys.secret },
  })

  expect(stdout).toBe('42\n')
})

const anything = { safeParse: (data: unknown) => ({ success: true as const, data }) }

/** The client, telling which tables it is asked for. */
function watching(asked: string[]): Supabase {
  return {
    rpc: supabase.rpc.bind(supabase) as never,
    schema: (name: never) => {
      const rest = supabase.schema(name)
      return {
        rpc: rest.rpc.bind(rest),
        from(table: string) {
          asked.push(table)
          return rest.from(table)
        },
      }
    },
  }
}

function writePage(): string {
  const kit = 'supabase/functions/_shared/supaqueue'
  mkdirSync(join(root, '.supaqueue'), { recursive: true })
  const folder = mkdtempSync(join(root, '.supaqueue/both-ends-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const { code } of kitPages.flatMap((page) => blocksOf(readPage(page)))) {
    const [, path, text = ''] =
      /^\/\/ (send\.ts|\S*\/queues\.ts|\S*\/sum\/index\.ts|\S*\/order\/\w+\.ts)\n([\s\S]*)$/.exec(code) ?? []
    // Node 20 has no WebSocket, without which supabase-js does not start.
    if (path) write(path, path === 'send.ts' ? `globalThis.WebSocket ??= Object as never\n${text}` : text)
  }
  write('package.json', '{ "type": "module" }')
  for (const name of ['sum', 'order']) {
    write(`supabase/functions/${name}/deno.json`, '{ "imports": { "zod": "npm:zod@4.6.7" } }')
  }
  write('supabase/config.toml', '[functions.sum]\nverify_jwt = false\n[functions.order]\nverify_jwt = false\n')
  cpSync(join(root, kit), join(folder, kit), { recursive: true })
  return folder
}

test('a function in steps sleeps, is sent a signal and ends, through the whole stack', async () => {
  await scene.queue({ name: 'orders', edge_function_name: 'order', workers: 2 })
  const anything = { safeParse: (data: unknown) => ({ success: true as const, data }) }
  const orders = openQueue(supabase, defineQueue('orders', anything))
  const step = async (name: string) =>
    (await scene.db.query('select status from supaqueue.step where job = $1 and name = $2', [job, name])).rows[0]
      ?.status
  const job = await orders.enqueue({ id: 'A1', pages: ['one', 'two'] })

  await until(async () => await step('remind') === 'sleeping')
  await until(async () => (await row(job)).status === 'pending')
  await scene.db.query(`update supaqueue.step set until = now() where job = $1`, [job])
  await scene.db.query('select supaqueue.run_now($1)', [job])
  await until(async () => await step('approval') === 'waiting')
  const sent = await orders.signal(job, 'approval', 'yes', { idempotencyKey: 'once' })
  expect(await orders.signal(job, 'approval', 'yes', { idempotencyKey: 'once' })).toBe(sent)

  expect(await orders.waitFor(job)).toMatchObject({ answer: 'yes', rendered: ['ONE', 'TWO'] })
  expect(await row(job)).toMatchObject({ status: 'success', attempts: 1, progress_note: 'render: 2 of 2' })
  await expect(orders.signal(job, 'approval')).rejects.toMatchObject({
    code: 'SQ409',
    hint: expect.stringMatching(/\S/),
  })
})
