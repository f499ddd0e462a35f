import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  currentJob,
  handle,
  type Job,
  LeaseLost,
  SupaqueueError,
} from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { makeRequest, token } from './support/call.ts'
import { type Answer, gone, makeDeps } from './support/deps.ts'

const failure = (work: Promise<unknown>): Promise<SupaqueueError> =>
  work.then(() => expect.unreachable('it did not fail'), (reason) => reason)

const until = '2030-01-01T00:00:00+00:00'

describe('a report', () => {
  test.each<[string, (job: ReturnType<typeof currentJob>) => Promise<unknown>, string, Record<string, unknown>]>([
    ['progress', (job) => job.progress(12.5), 'progress', { percent: 12.5 }],
    ['progress with a note', (job) => job.progress(100, 'done'), 'progress', { percent: 100, note: 'done' }],
    ['extend', (job) => job.extend(30_000.2), 'extend', { lease_ms: 30_001 }],
    ['finish', (job) => job.finish(), 'finish', { outcome: 'complete', result: null }],
    ['finish with a result', (job) => job.finish({ a: 1 }), 'finish', { outcome: 'complete', result: { a: 1 } }],
    ['finish by kill', (job) => job.finish(job.kill('no')), 'finish', { outcome: 'kill', message: 'no' }],
    ['finish by drop', (job) => job.finish(job.drop()), 'finish', { outcome: 'drop' }],
    ['finish by reject', (job) => job.finish(job.reject('no', { after: 5 })), 'finish', {
      outcome: 'reject',
      message: 'no',
      after_ms: 5,
    }],
    ['finish by reschedule', (job) => job.finish(job.reschedule({ at: until })), 'finish', {
      outcome: 'reschedule',
      at: '2030-01-01T00:00:00.000Z',
    }],
    [
      'finish by reschedule after more than Postgres can count',
      (job) => job.finish(job.reschedule({ after: 4e9 })),
      'finish',
      {
        outcome: 'reschedule',
        at: '1970-02-16T07:06:40.000Z',
      },
    ],
    ['finish by continueWith', (job) => job.finish(job.continueWith({ n: 1 })), 'finish', {
      outcome: 'continue',
      state: { n: 1 },
    }],
  ])('of %s calls the function of the database with the token and what belongs to it', async (_, tell, name, args) => {
    const runtime = makeDeps(() => ({ body: until }))

    await tell(currentJob(token, { ...runtime.deps, now: () => 0 }))

    expect(runtime.heard).toMatchObject([
      { url: `http://project.test/rest/v1/rpc/${name}`, args: { token, ...args } },
    ])
    expect(Object.keys(runtime.heard[0]!.args).sort()).toEqual(['token', ...Object.keys(args)].sort())
  })

  test('of extend tells until when the lease is good', async () => {
    const { deps } = makeDeps(() => ({ body: until }))

    expect(await currentJob(token, deps).extend(1000)).toEqual(new Date(until))
  })

  test.each<[string, Record<string, string | undefined>, string, string | null]>([
    [
      'the default secret key',
      { SUPABASE_SECRET_KEYS: '{"a":"sb_secret_a","default":"sb_secret_d"}' },
      'sb_secret_d',
      null,
    ],
    ['the first secret key', { SUPABASE_SECRET_KEYS: '{"a":"sb_secret_a","b":"sb_secret_b"}' }, 'sb_secret_a', null],
    [
      'the one secret key',
      { SUPABASE_SECRET_KEYS: undefined, SUPABASE_SECRET_KEY: 'sb_secret_one' },
      'sb_secret_one',
      null,
    ],
    [
      'the legacy key',
      { SUPABASE_SECRET_KEYS: 'broken', SUPABASE_SERVICE_ROLE_KEY: 'ey.jwt' },
      'ey.jwt',
      'Bearer ey.jwt',
    ],
  ])('travels under %s, as a bearer token only if it is a JWT', async (_, env, apikey, authorization) => {
    const runtime = makeDeps()
    Object.assign(runtime.env, env)

    await currentJob(token, runtime.deps).progress(1)

    const { headers } = runtime.heard[0]!
    expect(headers.get('apikey')).toBe(apikey)
    expect(headers.get('authorization')).toBe(authorization)
    expect(headers.get('content-profile')).toBe('supaqueue')
  })

  test.each<[string, Answer, Record<string, unknown>]>([
    ['whose lease is gone', gone, { name: 'LeaseLost', code: 'SQ404', message: 'there is no such current job' }],
    ['that the database refuses', {
      status: 400,
      body: { code: 'SQ422', message: 'percent is 200', hint: 'At most 100.' },
    }, {
      name: 'SupaqueueError',
      code: 'SQ422',
      message: 'supaqueue.progress failed: percent is 200',
      hint: 'At most 100.',
    }],
    [
      'that the database does not know',
      { status: 404, body: { code: 'PGRST202', message: 'no function', hint: null } },
      {
        code: 'PGRST202',
        hint: expect.stringContaining('installer'),
      },
    ],
    [
      'that the database does not know any more',
      {
        status: 404,
        body: {
          code: '42883',
          message: 'function supaqueue.progress(current_job => uuid) does not exist',
          hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
        },
      },
      { code: '42883', hint: expect.stringMatching(/installer.*reload schema/) },
    ],
    ['that meets a Data API which serves a schema that is not there', {
      status: 503,
      body: { code: 'PGRST002', message: 'Could not query the database for the schema cache. Retrying.', hint: null },
    }, { code: 'PGRST002', hint: expect.stringMatching(/try again.*doctor/) }],
    ['that a trigger of the user refuses', { status: 400, body: { code: 'P0001', message: 'closed', hint: null } }, {
      code: 'P0001',
      hint: expect.stringMatching(/^The code is/),
    }],
    ['that met a lock', { status: 500, body: { code: '55P03', message: 'locked', hint: null } }, {
      code: '55P03',
      hint: expect.stringContaining('try again'),
    }],
    ['that meets something between', { status: 502, body: undefined }, {
      code: 'SQ503',
      message: 'supaqueue.progress failed: HTTP 502',
      hint: expect.any(String),
    }],
    ['that nobody answers', new TypeError('connection refused'), {
      code: 'SQ503',
      message: 'the database did not answer: connection refused',
      hint: expect.any(String),
    }],
  ])('%s fails with code, message and hint', async (_, answer, expected) => {
    const error = await failure(currentJob(token, makeDeps(() => answer).deps).progress(200))

    expect(error).toBeInstanceOf(SupaqueueError)
    expect(error).toMatchObject(expected)
  })

  test.each<[string, Record<string, string | undefined>, RegExp]>([
    ['URL', { SUPABASE_URL: undefined }, /SUPABASE_URL is not set/],
    ['key', { SUPABASE_SECRET_KEYS: undefined }, /no secret key/],
  ])('fails without asking anybody when there is no %s of the project', async (_, env, message) => {
    const runtime = makeDeps()
    Object.assign(runtime.env, env)

    const error = await failure(currentJob(token, runtime.deps).finish())

    expect(error).toMatchObject({ code: 'SQ500', message: expect.stringMatching(message), hint: expect.any(String) })
    expect(runtime.heard).toEqual([])
  })

  test.each<[string, (job: ReturnType<typeof currentJob>) => Promise<unknown>]>([
    ['later as an end', (job) => job.finish(job.later())],
    ['a Response as a result', (job) => job.finish(new Response())],
    ['a result that cannot be JSON', (job) => job.finish(1n)],
  ])('refuses %s, and asks nobody', async (_, tell) => {
    const runtime = makeDeps()

    expect(await failure(tell(currentJob(token, runtime.deps)))).toMatchObject({ code: 'SQ422' })
    expect(runtime.heard).toEqual([])
  })
})

describe('in a handler, a report', () => {
  const ask = (work: (job: Job) => unknown, runtime: ReturnType<typeof makeDeps>, request = makeRequest()) =>
    handle(z.unknown(), (_, job) => work(job), { deps: runtime.deps })(request)

  test('bears the token of the call', async () => {
    const runtime = makeDeps()

    await ask((job) => job.progress(50), runtime)

    expect(runtime.calls('progress')).toEqual([{ token, percent: 50 }])
  })

  test('whose lease is gone fires the signal with the reason, and the job is rejected', async () => {
    const runtime = makeDeps(() => gone)
    let signal: AbortSignal | undefined

    const response = await ask((job) => {
      signal = job.signal
      return job.progress(50)
    }, runtime)

    expect(signal?.reason).toBeInstanceOf(LeaseLost)
    expect(response.headers.get('supaqueue-outcome')).toBe('reject')
  })

  test('fails when the call brought no token, and says where it should come from', async () => {
    const runtime = makeDeps()

    const response = await ask(
      (job) => job.progress(50),
      runtime,
      makeRequest({ headers: { 'supaqueue-current-job': '' } }),
    )

    expect(await response.json()).toEqual({ message: expect.stringContaining('token') })
    expect(runtime.heard).toEqual([])
  })
})
