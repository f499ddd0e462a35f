import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { handle, type Job, type Options } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { makeCaller } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import type { Claim, QueueRow } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { secret, token } from './support/call.ts'
import { makeDeps } from './support/deps.ts'

// The two ends of a call, each tested against the contract elsewhere, here against each other.

type Given = {
  queue?: Partial<QueueRow>
  job?: Partial<Claim['job']>
  /** What the dispatcher signs with: secrets of functions, and those of Vault. */
  secrets?: string[]
  vault?: Record<string, string>
  options?: Options
}

/** What the dispatcher makes of a call that a handler of the kit answers. */
async function deliver(
  work: (payload: unknown, job: Job) => unknown,
  { queue, job, secrets = [secret], vault, options }: Given = {},
) {
  const serve = handle(z.unknown(), work, { deps: makeDeps().deps, ...options })
  const call = makeCaller({
    functionsUrl: 'http://project.test/functions/v1',
    key: 'sb_secret_default',
    secrets,
    fetch: (url, init) => serve(new Request(url, init)),
    now: Date.now,
    resolve: () => Promise.resolve([]),
    allowPrivate: () => true,
  })
  const row = {
    id: '11111111-1111-4111-8111-111111111111',
    name: 'Grüße',
    edge_function_name: 'the-function',
    default_headers: {},
    max_attempts: 3,
    timeout_ms: 60_000,
    ...queue,
  }
  const claim = { current_job: { id: token }, job: { id: 42, payload: '{}', attempts: 2, ...job } }
  return (await call(row, vault)(claim)).outcomes[0]!
}

const seenBy = async (given: Given) => (await deliver((payload, { state }) => ({ payload, state }), given)).result

describe('between dispatcher and kit', () => {
  test('the job is known by all that the dispatcher says of it', async () => {
    const { result } = await deliver((_, { id, queue, attempt, maxAttempts, idempotencyKey, token, state }) => {
      return { id, queue, attempt, maxAttempts, idempotencyKey, token, state }
    })

    expect(result).toEqual({
      id: '42',
      queue: 'Grüße',
      attempt: 2,
      maxAttempts: 3,
      idempotencyKey: '11111111-1111-4111-8111-111111111111-42',
      token,
      state: null,
    })
  })

  test.each(['POST', 'PUT', 'PATCH'])('a payload arrives by %s, and so does the state of a slice', async (method) => {
    const job = { method, payload: '{"a": ["ü", null]}' }

    expect(await seenBy({ job })).toEqual({ payload: { a: ['ü', null] }, state: null })
    expect(await seenBy({ job: { ...job, state: '{"next": 1}' } })).toEqual({
      payload: { a: ['ü', null] },
      state: { next: 1 },
    })
  })

  test.each(['GET', 'DELETE'])(
    'a payload arrives by %s, as texts, and so does the state of a slice',
    async (method) => {
      const job = { method, payload: '{"a": "ü", "n": 1, "none": null}', state: '{"next": "ü"}' }

      expect(await seenBy({ job })).toEqual({ payload: { a: 'ü', n: '1' }, state: { next: 'ü' } })
    },
  )

  test.each([[null], ['{"next": 1}']])(
    'a payload arrives by DELETE behind a URL, in its body, with the state %s',
    async (state) => {
      const own = 'a secret of the queue, long enough'
      const behind = (payload: string) =>
        seenBy({
          queue: { edge_function_name: null, url: 'http://elsewhere.test/jobs', signing_secrets: ['own'] },
          vault: { own },
          options: { secret: own },
          job: { method: 'DELETE', payload, state },
        })

      expect(await behind('{"a": ["ü", null]}')).toEqual({
        payload: { a: ['ü', null] },
        state: state && { next: 1 },
      })
      expect(await behind('{}')).toEqual({ payload: {}, state: state && { next: 1 } })
    },
  )

  test.each([[null], ['{"next": 1}']])('bytes arrive as bytes, with the state %s', async (state) => {
    const { result } = await deliver((payload) => payload instanceof Uint8Array ? [...payload] : 'no bytes', {
      job: { payload: '{"$base64": "AP+A"}', state },
    })

    expect(result).toEqual([0, 255, 128])
  })

  test.each([['a text', secret], ['like one of a webhook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']])(
    'a secret that is %s lets the call in, also beside a new one',
    async (_, old) => {
      const { deps } = makeDeps()
      const env = (name: string) => name === 'SUPAQUEUE_SECRET' ? old : undefined

      const outcome = await deliver(() => 'in', {
        secrets: ['the new secret, long enough', old],
        options: { deps: { ...deps, env } },
      })

      expect(outcome).toMatchObject({ outcome: 'success', result: 'in' })
    },
  )

  test('a handler behind a URL takes a call by any of the secrets that the queue names', async () => {
    const vault = { new: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', old: 'an old one, long enough' }
    const queue = { edge_function_name: null, url: 'http://elsewhere.test/jobs', signing_secrets: ['new', 'old'] }

    for (const known of [vault.new, vault.old]) {
      expect(await deliver(() => 'in', { queue, vault, options: { secret: known } })).toMatchObject({
        outcome: 'success',
      })
    }
    expect(await deliver(() => 'in', { queue, vault, options: { secret } })).toMatchObject({
      outcome: 'failed',
      status: 401,
    })
  })

  test.each<[string, (job: Job) => unknown, object]>([
    ['returns a result', () => ({ sent: true }), { outcome: 'success', status: 200, result: { sent: true } }],
    ['returns nothing', () => {}, { outcome: 'success', result: null }],
    ['throws', () => Promise.reject(new Error('broken')), { outcome: 'failed', status: 500, error: 'broken' }],
    ['rejects after', (job) => job.reject('busy', { after: 5000 }), {
      outcome: 'failed',
      error: 'busy',
      retry_after_ms: 5000,
    }],
    ['kills', (job) => job.kill('no such order'), { outcome: 'killed', status: 422, error: 'no such order' }],
    ['drops', (job) => job.drop(), { outcome: 'dropped' }],
    ['reschedules after', (job) => job.reschedule({ after: 5000 }), { outcome: 'rescheduled', retry_after_ms: 5000 }],
    ['reschedules at', (job) => job.reschedule({ at: '2999-01-01T00:00:00Z' }), {
      outcome: 'rescheduled',
      run_at: '2999-01-01T00:00:00.000Z',
    }],
    ['continues', (job) => job.continueWith({ next: 2 }), { outcome: 'continued', state: { next: 2 } }],
    ['says later', (job) => job.later({ lease: 90_000 }), { outcome: 'later', lease_ms: 90_000 }],
    ['works in the background', (job) => job.background(() => {}), { outcome: 'later', lease_ms: 60_000 }],
  ])('a handler that %s is understood', async (_, work, outcome) => {
    expect(await deliver((_, job) => work(job))).toMatchObject(outcome)
  })

  test('a function that is not set up keeps its jobs waiting, without using an attempt', async () => {
    const { deps } = makeDeps()

    const outcome = await deliver(() => {}, { options: { deps: { ...deps, env: () => undefined } } })

    expect(outcome).toMatchObject({ outcome: 'deferred', status: 503, retry_after_ms: 60_000 })
  })
})
