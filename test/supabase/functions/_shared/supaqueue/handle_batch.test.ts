import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { z } from 'zod'
import {
  type BatchHandler,
  defineQueue,
  handle,
  handleBatch,
  KillError,
} from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { callOfBatch, deliver, deliverBatch } from '../../../../../supabase/functions/_shared/supaqueue/testing.ts'
import { makeDeps } from './support/deps.ts'

const secret = 'a secret of 16 letters'
const Payload = z.object({ n: z.number() })
const { deps } = makeDeps()

const ask = (
  work: BatchHandler<{ n: number }, unknown, unknown>,
  payloads: unknown[] = [{ n: 1 }, { n: 2 }, { n: 3 }],
) => deliverBatch(handleBatch(Payload, work, { secret, deps }), payloads, { secret })

describe('handleBatch', () => {
  test('gets all jobs of a call at once, and answers a result for each, in their order', async () => {
    const work = vi.fn((jobs: { payload: { n: number } }[]) => jobs.map(({ payload }) => payload.n * 2))

    const said = await ask(work)

    expect(work).toHaveBeenCalledOnce()
    expect(said.map(({ outcome, result }) => [outcome, result])).toEqual([['complete', 2], ['complete', 4], [
      'complete',
      6,
    ]])
  })

  test('tells each job apart', async () => {
    let seen: unknown
    await ask((jobs) => {
      seen = jobs.map(({ id, attempt, maxAttempts, token, idempotencyKey, queue }) => ({
        id,
        attempt,
        maxAttempts,
        token,
        idempotencyKey,
        queue,
      }))
    }, [{ n: 1 }, { n: 2 }])

    const job = (n: number) => ({
      id: String(n),
      attempt: 1,
      maxAttempts: 3,
      token: `00000000-0000-4000-8000-00000000000${n}`,
      idempotencyKey: `00000000-0000-4000-8000-000000000000-${n}`,
      queue: 'test',
    })
    expect(seen).toEqual([job(1), job(2)])
  })

  test('lets a job be rejected by a word alone, and the others be done', async () => {
    const said = await ask((jobs) => {
      jobs[1]!.reject('not this one', { after: 5000 })
    })

    expect(said.map(({ outcome }) => outcome)).toEqual(['complete', 'reject', 'complete'])
    expect(said[1]!.result).toEqual({ message: 'not this one', after_ms: 5000 })
  })

  test('takes each word for its job, returned or said', async () => {
    const said = await ask((jobs) => {
      const [a, b, c, d, e] = jobs as [typeof jobs[0], ...typeof jobs] & typeof jobs
      d!.complete({ done: true })
      e!.later({ lease: 1000 })
      return [a!.kill('no'), b!.reschedule({ after: 10 }), c!.continueWith({ page: 2 }), undefined, undefined]
    }, [1, 2, 3, 4, 5].map((n) => ({ n })))

    expect(said.map(({ outcome, result }) => [outcome, result])).toEqual([
      ['kill', { message: 'no' }],
      ['reschedule', { after_ms: 10 }],
      ['continue', { state: { page: 2 } }],
      ['complete', { done: true }],
      ['later', { lease_ms: 1000 }],
    ])
  })

  test('kills a job whose payload does not fit, and does not show it to the others', async () => {
    let seen: number[] = []
    const said = await ask((jobs) => {
      seen = jobs.map(({ payload }) => payload.n)
    }, [{ n: 1 }, { n: 'two' }, { n: 3 }])

    expect(seen).toEqual([1, 3])
    expect(said.map(({ outcome }) => outcome)).toEqual(['complete', 'kill', 'complete'])
    expect(said[1]!.result).toMatchObject({ message: expect.stringContaining('n:') })
  })

  test('is not called when no payload fits', async () => {
    const work = vi.fn()
    const said = await ask(work, [{}, {}])

    expect(work).not.toHaveBeenCalled()
    expect(said.map(({ outcome }) => outcome)).toEqual(['kill', 'kill'])
  })

  test('has a job fail for which it gave nothing back', async () => {
    const said = await ask(() => ['one'])

    expect(said.map(({ outcome }) => outcome)).toEqual(['complete', 'reject', 'reject'])
  })

  test('that gives more back than it was asked for says nothing of any job', async () => {
    const response = await handleBatch(Payload, () => [1, 2, 3], { secret, deps })(
      await callOfBatch([{ n: 1 }, { n: 2 }], { secret }),
    )

    expect(response.headers.get('supaqueue-outcome')).toBe('reject')
    expect(await response.json()).toEqual({ message: expect.stringContaining('3 entries back for 2 jobs') })
  })

  test('that throws says so of the whole call', async () => {
    const response = await handleBatch(Payload, () => Promise.reject(new Error('out of memory')), { secret, deps })(
      await callOfBatch([{ n: 1 }, { n: 2 }], { secret }),
    )

    expect(response.status).toBe(500)
    expect(response.headers.get('supaqueue-outcome')).toBe('reject')
    expect(await response.json()).toEqual({ message: 'out of memory' })
  })

  test('rejects only the job whose result cannot be JSON', async () => {
    const said = await ask(() => [1n, 'two', 3] as never)

    expect(said.map(({ outcome }) => outcome)).toEqual(['reject', 'complete', 'complete'])
  })

  test('gives no job steps, which would end the call of all', async () => {
    let names: string[] = []
    await ask((jobs) => {
      names = Object.keys(jobs[0]!)
    })
    expect(names).toContain('reject')
    for (const step of ['step', 'sleep', 'waitFor', 'map']) expect(names).not.toContain(step)
  })

  test('lets nobody in but supaqueue', async () => {
    const request = await callOfBatch([{ n: 1 }], { secret: 'the secret of somebody else' })
    expect((await handleBatch(Payload, () => {}, { secret, deps })(request)).status).toBe(401)
  })

  test('kills a call that is no list of jobs', async () => {
    const request = await callOfBatch([], { secret })
    const broken = new Request(request, { body: '"text"' })
    const unsigned = handleBatch(Payload, () => {}, { secret, deps })
    expect((await unsigned(broken)).status).toBe(401)
  })

  test('takes the call of a queue without batches for a batch of one', async () => {
    const work = handleBatch(Payload, (jobs) => jobs.map(({ payload }) => payload.n + 1), { secret, deps })

    expect(await deliver(work, { n: 1 }, { secret })).toEqual({ outcome: 'complete', status: 200, result: 2 })
    expect(await deliver(work, {}, { secret })).toMatchObject({ outcome: 'kill' })
  })

  test('gives bytes as bytes, and states as their schema has them', async () => {
    let seen: unknown
    const work = handleBatch(z.instanceof(Uint8Array), (jobs) => {
      seen = jobs.map(({ payload, state }) => [new TextDecoder().decode(payload), state])
    }, { secret, deps, state: z.object({ page: z.coerce.number() }) })

    await deliverBatch(work, [{ $base64: btoa('hi') }], { secret, state: { page: '3' } })

    expect(seen).toEqual([['hi', { page: 3 }]])
  })

  test('types payloads, states and results', () => {
    const sums = defineQueue('sums', z.object({ terms: z.array(z.number()) }), { result: z.number() })
    handleBatch(sums, (jobs) => {
      expectTypeOf(jobs[0]!.payload).toEqualTypeOf<{ terms: number[] }>()
      return jobs.map((job) => job.payload.terms.length > 9 ? job.kill('too many') : job.payload.terms.length)
    })
    // @ts-expect-error a result of another type
    handleBatch(sums, () => ['a text'])
  })
})

describe('handle', () => {
  test('does each job of a batch by itself', async () => {
    const work = handle(Payload, ({ n }) => {
      if (n === 2) throw new Error('two')
      if (n === 3) throw new KillError('three')
      return n
    }, { secret, deps })

    const said = await deliverBatch(work, [{ n: 1 }, { n: 2 }, { n: 3 }, {}], { secret })

    expect(said.map(({ outcome }) => outcome)).toEqual(['complete', 'reject', 'kill', 'kill'])
  })

  test('puts the body of a response of its own into the list', async () => {
    const work = handle(
      Payload,
      ({ n }) =>
        n === 1 ? Response.json({ ok: true }) : n === 2 ? new Response('plain') : new Response('no', { status: 500 }),
      { secret, deps },
    )

    const said = await deliverBatch(work, [{ n: 1 }, { n: 2 }, { n: 3 }], { secret })

    expect(said.map(({ outcome, result }) => [outcome, result])).toEqual([
      ['complete', { ok: true }],
      ['complete', 'plain'],
      ['reject', { message: 'HTTP 500: no' }],
    ])
  })
})
