import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Line, startLine } from './support/line.ts'
import { openScene, type Scene, until } from './support/scene.ts'

let line: Line
let scene: Scene

beforeAll(async () => {
  line = await startLine()
  // The dispatcher reaches the project by a line that can be talked into. The platform's limit ends after a second.
  scene = await openScene({ environment: { SUPABASE_URL: line.url }, edge: { idleTimeoutMs: 1000 } })
  await line.leadTo(scene.stack.apiUrl)
})

beforeEach(() => scene.witness.forget())

afterAll(async () => {
  await scene?.close()
  await line?.close()
})

describe('a function that', () => {
  test.each([
    ['dies', /^HTTP 500 WORKER_ERROR/],
    ['hangs up half-way', /^no answer: /],
    ['answers 504', /^HTTP 504: too slow$/],
    ['answers 546', /^HTTP 546: too big$/],
    ['fails with 2 MB', /^HTTP 500: ä{500}$/],
  ])('%s uses an attempt and is called again; the last error is kept', async (ill, says) => {
    const queue = await scene.queue({ edge_function_name: 'answers_late', max_attempts: 2 })
    await scene.harness.job(queue, { payload: { first: ill } })
    await scene.harness.job(queue, { payload: { always: ill } })

    await scene.untilEnded(queue)

    const [fixed, lost] = await scene.jobs(queue)
    expect(fixed).toMatchObject({ status: 'success', attempts: 2, result: 'well', error: null })
    expect(lost).toMatchObject({ status: 'failed', attempts: 2, error: expect.stringMatching(says) })
  })

  test('hangs beyond the timeout of its queue uses an attempt, and its worker goes on', async () => {
    const queue = await scene.queue({ edge_function_name: 'answers_late', max_attempts: 1, timeout_ms: 300 })
    await scene.harness.job(queue, { payload: { always: 'hangs' } })
    await scene.harness.job(queue)

    await scene.untilEnded(queue)

    expect((await scene.jobs(queue)).map(({ status, error }) => [status, error])).toEqual([
      ['failed', 'no answer within 300 ms'],
      ['success', null],
    ])
  })

  test('hangs until the platform answers 504 in its place uses an attempt', async () => {
    // The next attempt waits to be asked for: its success would take away the error that is looked for here.
    const queue = await scene.queue({
      edge_function_name: 'answers_late',
      max_attempts: 2,
      retry_base_ms: 600_000,
      retry_max_ms: 600_000,
    })
    const job = await scene.harness.job(queue, { payload: { first: 'hangs' } })

    await until(async () => /^HTTP 504 IDLE_TIMEOUT/.test((await scene.harness.jobRow(job)).error))
    expect(await scene.harness.jobRow(job)).toMatchObject({ attempts: 1 })
    await scene.db.query('select supaqueue.run_now($1)', [job])
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 2'])
  })

  test('is killed with calls in flight is called again for each of them', async () => {
    const queue = await scene.queue({ workers: 3 })
    const release = scene.holdAnswers()
    await scene.harness.jobs(queue, 3)
    await scene.untilCalled(3)

    await scene.stack.edge.killFunction('witness')
    release()
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 2', 'success 2', 'success 2'])
    expect(scene.witness.calls).toHaveLength(6)
    expect(new Set(scene.witness.calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(3)
  })

  test('leaves a payload of half a megabyte unread holds up nobody', async () => {
    const queue = await scene.queue({ edge_function_name: 'deaf', workers: 5, timeout_ms: 5000 })
    await scene.db.query(
      `insert into supaqueue.job (queue, payload) select $1, to_jsonb(repeat('x', 500000)) from generate_series(1, 30)`,
      [queue],
    )

    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(Array(30).fill('success 1'))
  })

  test('answers what is not HTTP uses an attempt and is called again', async () => {
    const queue = await scene.queue({ max_attempts: 2, retry_base_ms: 600_000, retry_max_ms: 600_000 })
    line.interrupt('POST /functions/v1/witness', '\0\x16\x03 this is not HTTP\r\n\r\n')
    const job = await scene.harness.job(queue)

    await until(async () => /^no answer: /.test((await scene.harness.jobRow(job)).error))
    expect(await scene.harness.jobRow(job)).toMatchObject({ attempts: 1 })
    line.interrupt(undefined)
    await scene.db.query('select supaqueue.run_now($1)', [job])
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 2'])
  })
})

describe('an answer of', () => {
  test.each([
    ['answers broken JSON', '{"half": '],
    ['answers noise', expect.stringContaining('\u0001\u0002')],
    ['answers NUL in JSON', { ab: 'cd \ufffd' }],
  ])('a function that %s is a success, kept as far as Postgres can keep it', async (ill, result) => {
    const queue = await scene.queue({ edge_function_name: 'answers_late' })
    const job = await scene.harness.job(queue, { payload: { always: ill } })

    await scene.untilEnded(queue)

    expect(await scene.harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 1, result })
  })

  test('2 MB is kept by its first 64 kB, and marked', async () => {
    const queue = await scene.queue({ edge_function_name: 'answers_late' })
    const job = await scene.harness.job(queue, { payload: { always: 'answers 2 MB' } })

    await scene.untilEnded(queue)

    const { status, result } = await scene.harness.jobRow(job)
    expect([status, result.truncated, Buffer.byteLength(result.text)]).toEqual(['success', true, 65_535])
    expect(result.text).toMatch(/^\{"text":"ä+$/)
  })
})

test('a poison job, which kills its function each time, fails by its own error and starves nobody', async () => {
  const queue = await scene.queue({ edge_function_name: 'answers_late', max_attempts: 3 })
  const poison = await scene.harness.job(queue, { payload: { always: 'dies' }, priority: 9 })
  await scene.harness.jobs(queue, 5)

  await scene.untilEnded(queue)

  expect(await scene.fates(queue)).toEqual(['failed 3', ...Array(5).fill('success 1')])
  expect(await scene.harness.jobRow(poison)).toMatchObject({ error: expect.stringMatching(/^HTTP 500 WORKER_ERROR/) })
  expect(await scene.harness.freeWorkers(queue)).toBe(1)
})
