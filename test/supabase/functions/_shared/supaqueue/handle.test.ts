import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { z } from 'zod'
import {
  handle,
  type Handler,
  type Job,
  KillError,
  RetryError,
  type Schema,
} from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { continued, makeRequest, secret, token } from './support/call.ts'
import { makeDeps } from './support/deps.ts'

const anything = z.unknown()

/** What a handler with this work answers to this call. */
async function ask(
  work: (payload: unknown, job: Job) => unknown,
  request = makeRequest(),
  { deps } = makeDeps(),
) {
  const response = await handle(anything, work, { deps })(request)
  return { status: response.status, outcome: response.headers.get('supaqueue-outcome'), body: await response.json() }
}

describe('a call', () => {
  test.each<[string, Request]>([
    ['no signature', makeRequest({ headers: { 'webhook-signature': '' } })],
    ['a wrong signature', makeRequest({ secrets: ['the secret of somebody else'] })],
    ['an old timestamp', makeRequest({ at: Date.now() / 1000 - 301 })],
  ])('with %s is answered 401 with code, message and hint, and runs nothing', async (_, request) => {
    const work = vi.fn()

    const { status, outcome, body } = await ask(work, request)

    expect({ status, outcome }).toEqual({ status: 401, outcome: null })
    expect(body).toEqual({ code: 'SQ401', message: expect.any(String), hint: expect.any(String) })
    expect(work).not.toHaveBeenCalled()
  })

  test('without a signature is refused before its body is read', async () => {
    const request = makeRequest({ headers: { 'webhook-signature': '' } })

    await ask(() => {}, request)

    expect(request.bodyUsed).toBe(false)
  })

  test('that is larger than anybody needs is refused before it is in memory', async () => {
    const work = vi.fn()
    let bytes = 0
    const body = new ReadableStream({
      pull(controller) {
        bytes += 1000
        controller.enqueue(new Uint8Array(1000))
      },
    }, { highWaterMark: 0 })
    const request = new Request(makeRequest(), { body, duplex: 'half' } as RequestInit)

    const response = await handle(anything, work, { deps: makeDeps().deps, maxBytes: 5000 })(request)

    expect([response.status, (await response.json()).code]).toEqual([413, 'SQ413'])
    expect(bytes).toBe(6000)
    expect(work).not.toHaveBeenCalled()
  })

  test('may be signed with the previous secret while the two are exchanged', async () => {
    const runtime = makeDeps()
    Object.assign(runtime.env, { SUPAQUEUE_SECRET: 'the new secret, long enough', SUPAQUEUE_SECRET_PREVIOUS: secret })

    expect(await ask(() => {}, makeRequest(), runtime)).toMatchObject({ status: 200 })
  })

  test('may be signed with a secret that looks like one of a webhook: its letters count', async () => {
    const runtime = makeDeps()
    runtime.env.SUPAQUEUE_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

    expect(await ask(() => {}, makeRequest({ secrets: [runtime.env.SUPAQUEUE_SECRET] }), runtime)).toMatchObject({
      status: 200,
    })
  })

  test('is not let in by the secret of the environment where the handler has its own', async () => {
    const own = 'the secret of this queue'
    const serve = handle(anything, () => 'done', {
      deps: makeDeps().deps,
      secret: ['another one, long enough', own],
    })

    expect((await serve(makeRequest())).status).toBe(401)
    expect((await serve(makeRequest({ secrets: [own] }))).status).toBe(200)
  })

  test.each([[undefined], [''], ['short']])(
    'meets a function whose secret is %j: 503 with Retry-After, so that the job waits and uses no attempt',
    async (set) => {
      const { deps } = makeDeps()
      const response = await handle(anything, () => {}, { deps: { ...deps, env: () => set } })(makeRequest())

      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('60')
      expect(await response.json()).toEqual({
        code: expect.stringMatching(/^SQ5/),
        message: expect.any(String),
        hint: expect.any(String),
      })
    },
  )
})

describe('the payload', () => {
  const given = async (request: Request) => {
    const work = vi.fn()
    await ask(work, request)
    return work.mock.calls[0]?.[0]
  }

  test.each([['POST'], ['PUT'], ['PATCH']])('is the body of a %s', async (method) => {
    expect(await given(makeRequest({ method, payload: { a: [1, 'ü'] } }))).toEqual({ a: [1, 'ü'] })
  })

  test.each([['GET'], ['DELETE']])('is the query of a %s, as texts', async (method) => {
    const request = makeRequest({ method, query: '?to=Zo%C3%AB&n=1&list=%5B1%5D' })

    expect(await given(request)).toEqual({ to: 'Zoë', n: '1', list: '[1]' })
  })

  test('is null when the body is empty', async () => {
    expect(await given(makeRequest({ body: '' }))).toBeNull()
  })

  test('is bytes when the call says that it is neither JSON nor text', async () => {
    const body = Uint8Array.of(0, 255, 128)
    const request = makeRequest({ body, headers: { 'content-type': 'application/octet-stream' } })

    expect(await given(request)).toEqual(body)
  })

  test('is a text when the call says so', async () => {
    expect(await given(makeRequest({ body: 'a,b', headers: { 'content-type': 'text/csv' } }))).toBe('a,b')
  })

  test('stays bytes in the slices that follow', async () => {
    expect(await given(makeRequest(continued({ $base64: 'AP+A' }, 1)))).toEqual(Uint8Array.of(0, 255, 128))
  })

  test('that is no JSON kills the job, and is not quoted', async () => {
    const { status, outcome, body } = await ask(() => {}, makeRequest({ body: 'my password' }))

    expect({ status, outcome }).toEqual({ status: 422, outcome: 'kill' })
    expect(body.message).toMatch(/not JSON/)
    expect(body.message).not.toMatch(/password/)
  })

  test('that does not fit kills the job with places and rules, without values, and runs nothing', async () => {
    const work = vi.fn()
    const schema = z.object({ to: z.email(), items: z.array(z.object({ n: z.number() })) })
    const request = makeRequest({ payload: { to: 'my password', items: [{ n: 1 }, { n: 'my secret' }] } })

    const response = await handle(schema, work, { deps: makeDeps().deps })(request)

    expect(response.status).toBe(422)
    expect(response.headers.get('supaqueue-outcome')).toBe('kill')
    const { message } = await response.json()
    expect(message).toMatch(/^the payload does not fit: to: .+; items\.1\.n: .+/)
    expect(message).not.toMatch(/my/)
    expect(work).not.toHaveBeenCalled()
  })

  test('that is wrong in many places says so in few words', async () => {
    const payload = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, n]))
    const schema = z.record(z.string(), z.string())

    const response = await handle(schema, () => {}, { deps: makeDeps().deps })(makeRequest({ payload }))

    expect((await response.json()).message).toMatch(/field4: .*; and 45 more$/)
  })

  test.each<[string, Schema]>([
    ['what an older zod or a hand makes', {
      safeParse: (value) =>
        value === 'good'
          ? { success: true, data: 'fine' }
          : { success: false, error: { issues: [{ message: 'is not good', path: ['here'] }] } },
    }],
    ['any library of Standard Schema', {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) =>
          Promise.resolve(
            value === 'good' ? { value: 'fine' } : { issues: [{ message: 'is not good', path: [{ key: 'here' }] }] },
          ),
      },
    }],
    [
      'zod',
      z.unknown().refine((value) => value === 'good', { error: 'is not good', path: ['here'] }).transform(() => 'fine'),
    ],
  ])('is checked by a schema of %s', async (_, schema) => {
    const serve = handle(schema, (payload) => payload, { deps: makeDeps().deps })

    expect(await (await serve(makeRequest({ payload: 'good' }))).json()).toBe('fine')
    const response = await serve(makeRequest({ payload: 'bad' }))
    expect([response.status, await response.json()]).toEqual([422, {
      message: 'the payload does not fit: here: is not good',
    }])
  })

  test('is of the type that the schema gives', () => {
    handle(z.object({ to: z.string(), n: z.coerce.number() }), (payload) => {
      expectTypeOf(payload).toEqualTypeOf<{ to: string; n: number }>()
    })
    const parser = { safeParse: () => ({ success: true as const, data: { old: true } }) }
    handle(parser, (payload) => {
      expectTypeOf(payload).toEqualTypeOf<{ old: boolean }>()
    })
    // @ts-expect-error: the payload has no such field
    handle(z.object({ to: z.string() }), ({ from }) => from)
    // @ts-expect-error: no schema
    handle({}, () => {})
  })
})

describe('the job', () => {
  const jobOf = async (headers: Record<string, string>) => {
    let seen: Job | undefined
    await ask((_, job) => void (seen = job), makeRequest({ headers }))
    return seen
  }

  test('tells what the call says about it', async () => {
    expect(await jobOf({ 'supaqueue-version': '7' })).toMatchObject({
      id: '42',
      queue: 'mail',
      attempt: 2,
      maxAttempts: 3,
      idempotencyKey: '11111111-1111-4111-8111-111111111111-42',
      token,
      version: '7',
      state: null,
    })
  })

  test.each([['Gr%C3%BC%C3%9Fe', 'Grüße'], ['100%', '100%']])(
    'is of the queue %s, in plain: %s',
    async (sent, queue) => {
      expect(await jobOf({ 'supaqueue-queue': sent })).toMatchObject({ queue })
    },
  )

  test('has a signal that fires, with the reason, when the platform is about to end the isolate', async () => {
    const runtime = makeDeps()

    const { body } = await ask(
      async (_, { signal }) => {
        runtime.unload('wall_clock')
        await Promise.resolve()
        return [signal.aborted, String(signal.reason)]
      },
      makeRequest(),
      runtime,
    )

    expect(body).toEqual([true, 'Error: the platform ends this function: wall_clock'])
  })

  test('does not listen to the platform any longer once it has ended', async () => {
    const runtime = makeDeps()

    await ask(
      () => {
        throw new Error('ended')
      },
      makeRequest(),
      runtime,
    )

    expect(runtime.listeners.size).toBe(0)
  })
})

describe('the state', () => {
  const State = z.object({ next: z.number(), since: z.string().transform((text) => new Date(text)) })
  const serve = (work: Handler<unknown, z.output<typeof State>, z.input<typeof State>>) =>
    handle(anything, work, { state: State, deps: makeDeps().deps })

  test('is null in the first call', async () => {
    const response = await serve((payload, job) => ({ payload, state: job.state }))(makeRequest({ payload: 1 }))

    expect(await response.json()).toEqual({ payload: 1, state: null })
  })

  test('comes back as its schema gives it, beside the payload', async () => {
    const request = makeRequest(continued('payload', { next: 3, since: '2030-01-01' }))

    const response = await serve((payload, { state }) => ({ payload, ...state, year: state?.since.getUTCFullYear() }))(
      request,
    )

    expect(await response.json()).toMatchObject({ payload: 'payload', next: 3, year: 2030 })
  })

  test.each([['GET'], ['DELETE']])('comes in a header when the call is a %s', async (method) => {
    const headers = { 'supaqueue-slice': 'continued', 'supaqueue-state': '{"next":3,"since":"2030-01-01"}' }

    const response = await serve((payload, { state }) => ({ payload, next: state?.next }))(
      makeRequest({ method, headers, query: '?a=b' }),
    )

    expect(await response.json()).toEqual({ payload: { a: 'b' }, next: 3 })
  })

  test('is not taken from a call that does not go on with a slice', async () => {
    const payload = { payload: 1, state: { next: 3, since: '2030-01-01' } }

    const response = await serve((payload, { state }) => ({ payload, state }))(makeRequest({ payload }))

    expect(await response.json()).toEqual({ payload, state: null })
  })

  test('that does not fit kills the job with the reason', async () => {
    const response = await serve(() => 'done')(makeRequest(continued(null, { next: 'my secret' })))

    expect([response.status, response.headers.get('supaqueue-outcome')]).toEqual([422, 'kill'])
    expect((await response.json()).message).toMatch(/^the state does not fit: next: (?!.*secret)/)
  })

  test('has the types of its schema: what comes out, what goes in', () => {
    handle(anything, (_, job) => {
      expectTypeOf(job.state).toEqualTypeOf<{ next: number; since: Date } | null>()
      expectTypeOf(job.continueWith).parameter(0).toEqualTypeOf<{ next: number; since: string }>()
      // @ts-expect-error: a Date is what comes out, not what goes in
      return job.continueWith({ next: 1, since: new Date() })
    }, { state: State })
    handle(anything, (_, job) => expectTypeOf(job.state).toEqualTypeOf<unknown>())
  })
})

describe('a handler', () => {
  test.each<[unknown, unknown]>([
    [{ sent: true }, { sent: true }],
    ['text', 'text'],
    [0, 0],
    [undefined, null],
    [null, null],
  ])('that returns %j completes the job with the result %j', async (returned, result) => {
    expect(await ask(() => returned)).toEqual({ status: 200, outcome: 'complete', body: result })
  })

  const at = new Date('2030-01-01T00:00:00Z')

  test.each<[string, (job: Job) => unknown, number, string, unknown]>([
    ['reschedule at a Date', (job) => job.reschedule({ at }), 200, 'reschedule', { at: '2030-01-01T00:00:00.000Z' }],
    ['reschedule at a text', (job) => job.reschedule({ at: '2030-01-01T01:00+01:00' }), 200, 'reschedule', {
      at: '2030-01-01T00:00:00.000Z',
    }],
    ['reschedule after', (job) => job.reschedule({ after: 1500.2 }), 200, 'reschedule', { after_ms: 1501 }],
    ['kill', (job) => job.kill('no such order'), 422, 'kill', { message: 'no such order' }],
    ['drop', (job) => job.drop(), 200, 'drop', {}],
    ['park', (job) => job.park('version 3'), 200, 'park', { message: 'version 3' }],
    ['reject', (job) => job.reject('busy'), 500, 'reject', { message: 'busy' }],
    ['reject after', (job) => job.reject('busy', { after: 0 }), 500, 'reject', { message: 'busy', after_ms: 0 }],
    ['continueWith', (job) => job.continueWith({ next: 2 }), 200, 'continue', { state: { next: 2 } }],
    ['continueWith after', (job) => job.continueWith(1, { after: 9 }), 200, 'continue', { state: 1, after_ms: 9 }],
    ['later', (job) => job.later(), 202, 'later', {}],
    ['later with a lease', (job) => job.later({ lease: 5000 }), 202, 'later', { lease_ms: 5000 }],
  ])('says %s, by returning or throwing what job makes', async (_, saying, status, outcome, body) => {
    const said = { status, outcome, body }

    expect(await ask((_, job) => saying(job))).toEqual(said)
    expect(
      await ask((_, job) => {
        throw saying(job)
      }),
    ).toEqual(said)
  })

  test.each<[string, unknown, number, string, unknown]>([
    ['an Error', new TypeError('no such thing'), 500, 'reject', { message: 'no such thing' }],
    ['an Error without a message', new TypeError(), 500, 'reject', { message: 'TypeError' }],
    ['a text', 'a text', 500, 'reject', { message: 'a text' }],
    ['nothing', undefined, 500, 'reject', { message: 'undefined' }],
    ['a RetryError', new RetryError('busy', { after: 5000 }), 500, 'reject', { message: 'busy', after_ms: 5000 }],
    ['a RetryError that knows no time', new RetryError('busy', { after: NaN }), 500, 'reject', { message: 'busy' }],
    ['a KillError', new KillError('no such order'), 422, 'kill', { message: 'no such order' }],
    ['a very long message', new Error('x'.repeat(5000)), 500, 'reject', { message: 'x'.repeat(1000) }],
  ])('that throws %s is answered for', async (_, thrown, status, outcome, body) => {
    const work = () => {
      throw thrown
    }

    expect(await ask(work)).toEqual({ status, outcome, body })
  })

  test('that throws shows its stack in the log, and nowhere else', async () => {
    const runtime = makeDeps()
    const error = new Error('broken')

    const { body } = await ask(() => Promise.reject(error), makeRequest(), runtime)

    expect(runtime.logged).toEqual([error])
    expect(body).toEqual({ message: 'broken' })
  })

  test.each<[string, (job: Job) => unknown, string]>([
    ['a time that is none', (job) => job.reschedule({ at: 'tomorrow' }), 'at is not a time'],
    ['a wait that is none', (job) => job.reschedule({ after: -1 }), 'after is not a number of milliseconds'],
    ['a lease that is none', (job) => job.later({ lease: 0 }), 'lease is not a number of milliseconds'],
    ['no state to go on with', (job) => job.continueWith(null), 'there is no state to continue with'],
  ])('that gives %s rejects the job and says so', async (_, saying, message) => {
    expect(await ask((_, job) => saying(job))).toEqual({ status: 500, outcome: 'reject', body: { message } })
  })

  test.each<[string, unknown]>([['a bigint', { n: 1n }], ['a state with a bigint', 'state']])(
    'whose result is %s rejects the job and says so',
    async (_, result) => {
      const { outcome, body } = await ask((_, job) => result === 'state' ? job.continueWith(1n) : result)

      expect(outcome).toBe('reject')
      expect(body.message).toMatch(/cannot be JSON/)
    },
  )

  test('may answer for itself with a Response, which is passed on as it is', async () => {
    const response = await handle(anything, () => new Response('tea', { status: 418, headers: { a: 'b' } }), {
      deps: makeDeps().deps,
    })(makeRequest())

    expect([response.status, await response.text(), response.headers.get('a')]).toEqual([418, 'tea', 'b'])
    expect(response.headers.has('supaqueue-outcome')).toBe(false)
  })

  test('whose schema breaks rejects the job with the message', async () => {
    const schema = z.unknown().transform(() => {
      throw new TypeError('a fault in the schema')
    })

    const response = await handle(schema, () => {}, { deps: makeDeps().deps })(makeRequest())

    expect([response.status, await response.json()]).toEqual([500, { message: 'a fault in the schema' }])
  })
})
