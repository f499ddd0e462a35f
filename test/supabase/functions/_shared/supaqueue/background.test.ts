import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { handle, type Job, KillError } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { makeRequest, token } from './support/call.ts'
import { gone, makeDeps } from './support/deps.ts'

const ask = (runtime: ReturnType<typeof makeDeps>, work: (job: Job) => unknown, lease?: number) =>
  handle(z.unknown(), (_, job) => job.background(() => work(job), lease ? { lease } : {}), { deps: runtime.deps })(
    makeRequest(),
  )

function deferred() {
  let resolve = (_: unknown) => {}
  const promise = new Promise((done) => resolve = done)
  return { promise, resolve }
}

describe('work in the background', () => {
  test('is announced by 202 and later, with its lease, before it is done', async () => {
    const runtime = makeDeps()
    const { promise, resolve } = deferred()

    const response = await ask(runtime, () => promise, 45_000)

    expect([response.status, response.headers.get('supaqueue-outcome')]).toEqual([202, 'later'])
    expect(await response.json()).toEqual({ lease_ms: 45_000 })
    expect(runtime.calls('finish')).toEqual([])

    resolve('done')
    await runtime.settled()
    expect(runtime.calls('finish')).toEqual([{ token, outcome: 'complete', result: 'done' }])
  })

  test.each<[string, (job: Job) => unknown, Record<string, unknown>]>([
    ['nothing', () => {}, { outcome: 'complete', result: null }],
    ['a saying', (job) => job.continueWith({ page: 2 }), { outcome: 'continue', state: { page: 2 } }],
    ['an Error', () => Promise.reject(new Error('broken')), { outcome: 'reject', message: 'broken' }],
    ['a KillError', () => Promise.reject(new KillError('no such order')), {
      outcome: 'kill',
      message: 'no such order',
    }],
  ])('that ends in %s finishes the job accordingly', async (_, work, end) => {
    const runtime = makeDeps()

    await ask(runtime, work)
    await runtime.settled()

    expect(runtime.calls('finish')).toEqual([{ token, ...end }])
  })

  test('that ends in what cannot be an end rejects the job and says so', async () => {
    const runtime = makeDeps()

    await ask(runtime, () => new Response('a page'))
    await runtime.settled()

    expect(runtime.calls('finish')).toEqual([
      { token, outcome: 'reject', message: 'a Response cannot be kept as a result' },
    ])
  })

  test('has its lease extended as long as it runs, whatever one extension comes to, and no longer', async () => {
    const three = deferred()
    const runtime = makeDeps((name, before) => {
      if (name !== 'extend') return undefined
      if (before === 2) three.resolve(null)
      return before === 0 ? new TypeError('connection lost') : { body: '2030-01-01T00:00:00Z' }
    })
    const cleared = vi.spyOn(globalThis, 'clearInterval')

    await ask(runtime, () => three.promise, 15)
    await runtime.settled()

    expect(runtime.calls('extend').slice(0, 3)).toEqual(Array(3).fill({ token, lease_ms: 15 }))
    expect(runtime.calls('finish')).toHaveLength(1)
    expect(cleared).toHaveBeenCalled()
    cleared.mockRestore()
  })

  test('whose lease is gone hears of it by its signal, and finishes nothing', async () => {
    const runtime = makeDeps((name) => name === 'extend' ? gone : undefined)

    await ask(runtime, ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)), 15)
    await runtime.settled()

    expect(runtime.calls('finish')).toEqual([])
    expect(String(runtime.logged)).toMatch(/lease of a job was lost/)
  })

  test('is finished by trying again while the database does not answer', async () => {
    const runtime = makeDeps((name, before) =>
      name === 'finish' && before === 0 ? new TypeError('no route') : undefined
    )

    await ask(runtime, () => 'done')
    await runtime.settled()

    expect(runtime.calls('finish')).toHaveLength(2)
    expect(runtime.logged).toEqual([])
  })

  test('is content when the job turns out to be gone after a finish whose answer was lost', async () => {
    const runtime = makeDeps((name, before) =>
      name !== 'finish' ? undefined : before === 0 ? new TypeError('connection lost') : gone
    )

    await ask(runtime, () => 'done')
    await runtime.settled()

    expect(runtime.calls('finish')).toHaveLength(2)
    expect(runtime.logged).toEqual([])
  })

  test('shows in the log, and asks once, when the job was gone before it could be finished', async () => {
    const runtime = makeDeps((name) => name === 'finish' ? gone : undefined)

    await ask(runtime, () => 'done')
    await runtime.settled()

    expect(runtime.calls('finish')).toHaveLength(1)
    expect(runtime.logged).toMatchObject([{ name: 'LeaseLost' }])
  })

  test('hears by its signal that the platform ends the isolate, also after the answer, and not after its own end', async () => {
    const runtime = makeDeps()
    const work = ({ signal }: Job) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

    await ask(runtime, work)
    runtime.unload('wall_clock')
    await runtime.settled()

    expect(runtime.calls('finish')).toEqual([
      { token, outcome: 'reject', message: 'the platform ends this function: wall_clock' },
    ])
    expect(runtime.listeners.size).toBe(0)
  })

  test('is not begun when its lease is not a number of milliseconds', async () => {
    const [runtime, work] = [makeDeps(), vi.fn()]

    const response = await ask(runtime, work, -1)

    expect(response.headers.get('supaqueue-outcome')).toBe('reject')
    expect(work).not.toHaveBeenCalled()
  })
})

describe('without background, later', () => {
  test('leaves the end to finish, by the same token, from anywhere', async () => {
    const runtime = makeDeps()
    let kept: Job | undefined

    const response = await handle(z.unknown(), (_, job) => {
      kept = job
      return job.later({ lease: 300_000 })
    }, { deps: runtime.deps })(makeRequest())
    await kept?.finish({ done: true })

    expect(await response.json()).toEqual({ lease_ms: 300_000 })
    expect(runtime.calls('finish')).toEqual([{ token, outcome: 'complete', result: { done: true } }])
  })
})
