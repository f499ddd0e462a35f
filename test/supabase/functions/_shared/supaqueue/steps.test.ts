import { describe, expect, test, vi } from 'vitest'
import { type Decision, decisions } from '../../../../../supabase/functions/_shared/supaqueue/decision.ts'
import {
  KillError,
  LeaseLost,
  StepFailed,
  SupaqueueError,
  WaitTimedOut,
} from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import {
  type MemoryJob,
  memoryOfSteps,
  type SentSignal,
} from '../../../../../supabase/functions/_shared/supaqueue/step_memory.ts'
import { isSuspended, openSteps, type Steps } from '../../../../../supabase/functions/_shared/supaqueue/steps.ts'
import type { StepStore } from '../../../../../supabase/functions/_shared/supaqueue/step_store.ts'
import { makeDeps } from './support/deps.ts'

const HOUR = 3_600_000

/** A job in memory that can be called again and again, with a clock that moves by hand. */
function bench() {
  let now = 1_000_000_000
  const signals: SentSignal[] = []
  const memory = memoryOfSteps({ now: () => now, signals })
  let token = 0
  let until: number | undefined
  const job: MemoryJob = { id: 7, token: undefined, steps: new Map(), suspend: (at) => void (until = at) }

  return {
    job,
    signals,
    until: () => until === undefined ? undefined : until - 1_000_000_000,
    pass: (ms: number) => void (now += ms),
    /** One call: what becomes of it. `suspended` when it waits. */
    async call(
      handler: (job: Steps) => unknown,
      { grace = 5, signal = new AbortController().signal, leftMs = null as number | null } = {},
    ) {
      job.token = ++token
      until = undefined
      const { deps } = makeDeps()
      const { steps, around } = openSteps({
        store: leftMs === null ? memory.storeOf(job) : inTime(memory.storeOf(job), leftMs),
        idempotencyKey: 'key',
        signal,
        deps: { ...deps, now: () => now },
        grace,
      })
      const result = await around(() => handler(steps))
      return isSuspended(result as Decision) ? 'suspended' : result
    },
    steps: () => [...job.steps.values()].map(({ name, status }) => `${name} ${status}`),
  }
}

/** Of a call that may take so long. */
const inTime = (store: StepStore, left_ms: number): StepStore => ({
  ...store,
  load: async () => ({ ...await store.load(), left_ms }),
})

const parked = (reason: RegExp) => ({ outcome: 'park', details: { message: expect.stringMatching(reason) } })

describe('a step', () => {
  test('runs once: the next call is given what it returned', async () => {
    const { call } = bench()
    const work = vi.fn(() => ({ id: 'ch_1' }))
    let seen: unknown
    const handler = async (job: Steps) => {
      seen = await job.step('charge', work)
      throw new Error('then it broke')
    }

    await expect(call(handler)).rejects.toThrow('then it broke')
    await expect(call(handler)).rejects.toThrow('then it broke')

    expect(work).toHaveBeenCalledTimes(1)
    expect(seen).toEqual({ id: 'ch_1' })
  })

  test('knows a key of its own that stays, which try it is, and which one of its name', async () => {
    const { call } = bench()
    const seen: unknown[] = []
    const handler = async (job: Steps) => {
      for (const n of [1, 2]) {
        await job.step('send it', ({ idempotencyKey, attempt }) => {
          seen.push([idempotencyKey, attempt])
          if (n === 2 && attempt === 1) throw new Error('no')
        })
      }
    }

    await expect(call(handler)).rejects.toThrow('no')
    await call(handler)

    expect(seen).toEqual([['key-send%20it', 1], ['key-send%20it-2', 1], ['key-send%20it-2', 2]])
  })

  test.each([undefined, null, 0, '', false, [], {}, { a: [1, { b: null }] }, 'grüße 🎉'])(
    'gives %j the first time as ever after',
    async (value) => {
      const { call } = bench()
      const handler = async (job: Steps) => {
        const seen = await job.step('a', () => value)
        await job.step('b', () => {
          throw new Error(JSON.stringify([seen]))
        }).catch(() => {})
        return seen
      }

      expect(await call(handler)).toEqual(value)
      expect(await call(handler)).toEqual(value)
    },
  )

  test.each<[string, () => unknown, RegExp]>([
    ['a Date', () => ({ at: new Date() }), /step a .*: at is a Date/],
    ['a Map', () => new Map(), /it is a Map/],
    ['a bigint', () => [1n], /\[0\] is a bigint/],
    ['a function', () => ({ go: () => {} }), /go is a function/],
    ['NaN', () => ({ a: [{ b: NaN }] }), /a\[0\]\.b is NaN/],
    ['infinity', () => Infinity, /it is Infinity/],
    ['a list with a hole', () => [1, undefined], /\[1\] is undefined/],
    ['a thing of a class', () => ({ thing: new (class Thing {})() }), /thing is a Thing/],
    ['a circle', () => {
      const circle: Record<string, unknown> = {}
      circle.again = { circle }
      return circle
    }, /contains itself/],
    ['a character that the database does not have', () => 'a\u0000b', /u0000/],
    ['half a character', () => ({ ['a\ud800']: 1 }), /half of a character/],
    ['bytes', () => new Uint8Array(3), /Uint8Array/],
    ['much', () => 'x'.repeat(262_143), /has 262145 bytes, and a step keeps at most 262144/],
    ['depth', () => {
      let deep: unknown = 1
      for (let n = 0; n < 600; n++) deep = [deep]
      return deep
    }, /nested more than 500 levels/],
  ])('that returns %s is refused when it is written, and not run again', async (_, make, message) => {
    const { call, steps } = bench()
    const work = vi.fn(make)

    const refused = await call((job) => job.step('a', work)).then(() => undefined, (reason) => reason)

    expect(refused).toBeInstanceOf(KillError)
    expect(refused.message).toMatch(message)
    expect(steps()).toEqual(['a given_up'])
    expect(work).toHaveBeenCalledTimes(1)
  })

  test('that throws fails the call with its message and cause, and runs again with the next', async () => {
    const { call, steps } = bench()
    const cause = new Error('card declined')
    let tries = 0
    const handler = (job: Steps) =>
      job.step('charge', () => {
        if (++tries === 1) throw cause
        return tries
      })

    const reason = await call(handler).then(() => undefined, (reason) => reason)
    expect(reason).toBeInstanceOf(StepFailed)
    expect(reason).toMatchObject({ message: 'card declined', step: 'charge', cause })
    expect(steps()).toEqual(['charge failed'])

    expect(await call(handler)).toBe(2)
  })

  test('whose error was caught is not run again when the function has gone on: it takes the same way', async () => {
    const { call, steps } = bench()
    const charge = vi.fn(() => {
      throw new Error('declined')
    })
    const seen: string[] = []
    const handler = async (job: Steps) => {
      const way = await job.step('charge', charge).catch((reason) => `other way, ${reason.name}: ${reason.message}`)
      seen.push(way)
      await job.step('transfer', () => 'ok')
      await job.sleep('wait', HOUR)
      return 'done'
    }

    expect(await call(handler)).toBe('suspended')
    expect(steps()).toEqual(['charge given_up', 'transfer done', 'wait sleeping'])
    expect(await call(handler)).toBe('suspended')

    expect(charge).toHaveBeenCalledTimes(1)
    expect(seen).toEqual(Array(2).fill('other way, StepFailed: declined'))
  })

  test('with retries of its own waits between them without a worker, then gives up', async () => {
    const { call, until, pass, steps, job } = bench()
    const work = vi.fn(() => {
      throw new Error('no')
    })
    const handler = (job: Steps) => job.step('charge', work, { retries: 2, backoff: '1 minute' })

    expect(await call(handler)).toBe('suspended')
    expect(until()).toBe(60_000)
    expect(await call(handler)).toBe('suspended')
    expect(work).toHaveBeenCalledTimes(1)
    pass(60_000)
    expect(await call(handler)).toBe('suspended')
    expect(until()).toBe(180_000)
    pass(120_000)
    await expect(call(handler)).rejects.toThrow('no')
    await expect(call(handler)).rejects.toThrow('no')

    expect(work).toHaveBeenCalledTimes(3)
    expect(steps()).toEqual(['charge given_up'])
    expect([...job.steps.values()][0]!.tries).toHaveLength(3)
  })

  test('that takes longer than its timeout has failed, and hears of it', async () => {
    const { call } = bench()
    let heard: unknown

    const ended = call((job) =>
      job.step('slow', ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => heard = signal.reason)
        }), { timeout: 5 })
    )

    await expect(ended).rejects.toThrow('it took longer than 5 ms')
    expect(heard).toMatchObject({ message: 'it took longer than 5 ms' })
  })

  test('can say what is to become of the job', async () => {
    const { call } = bench()

    expect(await call((job) => job.step('a', () => decisions.kill('never') as never)).catch((said) => said))
      .toMatchObject({
        outcome: 'kill',
      })
    await expect(call((job) =>
      job.step('a', () => {
        throw new KillError('never')
      })
    )).rejects.toBeInstanceOf(KillError)
  })

  test('that is under way when the function ends or throws is written down all the same', async () => {
    const { call, steps } = bench()
    let go = () => {}
    const slow = () => new Promise<void>((resolve) => go = resolve)

    const ended = call(async (job) => {
      void job.step('slow', slow)
      await job.step('quick', () => 1)
      setImmediate(() => go())
      throw new Error('broke')
    })

    await expect(ended).rejects.toThrow('broke')
    expect(steps()).toEqual(['quick done', 'slow done'])
  })
})

describe('a sleep', () => {
  test('ends the call, and is over in the call after its time', async () => {
    const { call, until, pass } = bench()
    const ran: string[] = []
    const handler = async (job: Steps) => {
      await job.step('before', () => void ran.push('before'))
      await job.sleep('remind', '3 days')
      await job.step('after', () => void ran.push('after'))
      return 'done'
    }

    expect(await call(handler)).toBe('suspended')
    expect(until()).toBe(3 * 24 * HOUR)
    pass(HOUR)
    expect(await call(handler)).toBe('suspended')
    expect(until()).toBe(3 * 24 * HOUR)
    pass(3 * 24 * HOUR)
    expect(await call(handler)).toBe('done')

    expect(ran).toEqual(['before', 'after'])
  })

  test.each<[unknown, number]>([
    [1500, 1500],
    ['90 seconds', 90_000],
    ['10 min', 600_000],
    ['2h', 2 * HOUR],
    ['1.5 days', 36 * HOUR],
    ['1 week', 168 * HOUR],
    [new Date(1_000_000_000 + HOUR), HOUR],
    [new Date(1_000_000_000 + HOUR).toISOString(), HOUR],
  ])('of %j lasts so long', async (duration, ms) => {
    const { call, until } = bench()

    await call((job) => job.sleep('a', duration as string))

    expect(until()).toBe(ms)
  })

  test.each(['3', 'soon', '1 month', '-1 day', -1, NaN, Infinity, {}])('of %j is refused', async (duration) => {
    const { call } = bench()

    await expect(call(async (job) => await job.sleep('a', duration as string))).rejects.toMatchObject({ code: 'SQ422' })
  })

  test('whose time is over already lets the function go on', async () => {
    expect(
      await bench().call(async (job) => {
        await job.sleep('a', 0)
        await job.sleep('b', new Date(0))
        return 'done'
      }),
    ).toBe('done')
  })

  test('waits for steps that are under way beside it', async () => {
    const { call, steps } = bench()

    const ended = await call((job) =>
      Promise.all([
        job.sleep('nap', HOUR),
        job.step('slow', () => new Promise((resolve) => setTimeout(resolve, 20))).then(() => job.step('next', () => 1)),
      ])
    )

    expect(ended).toBe('suspended')
    expect(steps()).toEqual(['slow done', 'next done', 'nap sleeping'])
  })

  test('cannot be taken for an error, and runs nothing that comes after', async () => {
    const { call } = bench()
    const never = vi.fn()

    expect(
      await call(async (job) => {
        try {
          await job.sleep('nap', HOUR)
        } catch {
          never()
        } finally {
          never()
        }
      }),
    ).toBe('suspended')
    expect(never).not.toHaveBeenCalled()
  })
})

describe('a wait', () => {
  test('is given what comes with the signal, also one that came before', async () => {
    const { call, signals } = bench()
    const handler = async (job: Steps) => [await job.waitFor('a'), await job.waitFor('b')]
    signals.push({ job: 7, name: 'b', payload: 2 })

    expect(await call(handler)).toBe('suspended')
    signals.push({ job: 7, name: 'a', payload: { n: 1 } })

    expect(await call(handler)).toEqual([{ n: 1 }, 2])
  })

  test('that nothing came for gives null, or throws, as asked', async () => {
    const { call, pass } = bench()
    const handler = async (job: Steps) => {
      const first = await job.waitFor('a', { timeout: '7 days' })
      const second = await job.waitFor('b', { timeout: '7 days', onTimeout: 'throw' }).catch((reason) => reason)
      return [first, second]
    }

    await call(handler)
    pass(7 * 24 * HOUR)
    await call(handler)
    pass(7 * 24 * HOUR)

    expect(await call(handler)).toEqual([null, expect.any(WaitTimedOut)])
  })

  test('without an end has none', async () => {
    const { call, until } = bench()

    await call((job) => job.waitFor('a'))

    expect(until()).toBe(Infinity)
  })

  test('in a race with a sleep has one winner, the same in every call', async () => {
    const { call, signals, pass, until } = bench()
    const winners: unknown[] = []
    const handler = async (job: Steps) => {
      winners.push(await Promise.race([job.sleep('nap', HOUR), job.waitFor('answer')]))
      await job.sleep('night', 24 * HOUR)
      return 'done'
    }

    await call(handler)
    pass(HOUR / 2)
    signals.push({ job: 7, name: 'answer', payload: 'first' })
    expect(await call(handler)).toBe('suspended')
    // The one that lost brings the job back once more.
    expect(until()).toBe(HOUR)
    pass(HOUR)
    expect(await call(handler)).toBe('suspended')
    pass(30 * HOUR)
    expect(await call(handler)).toBe('done')

    expect(winners).toEqual(['first', 'first', 'first'])
  })
})

describe('a map', () => {
  test('is a step for each item, so many at once, and gives the results in order', async () => {
    const { call, steps, job } = bench()
    let [running, most] = [0, 0]

    const results = await call((job) =>
      job.map('render', [3, 1, 2], async (n, { index, idempotencyKey }) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, n))
        running--
        return [n, index, idempotencyKey]
      }, { atOnce: 2 })
    )

    expect(results).toEqual([[3, 0, 'key-render-1-1'], [1, 1, 'key-render-1-2'], [2, 2, 'key-render-1-3']])
    expect(most).toBe(2)
    expect(steps()[0]).toMatch(/^render/)
    expect(job.progress).toEqual({ percent: 100, note: 'render: 3 of 3' })
  })

  test('runs again only what has not been done, and begins nothing more once one has failed', async () => {
    const { call } = bench()
    const ran: number[] = []
    const handler = (job: Steps) =>
      job.map('render', [1, 2, 3, 4], (n) => {
        ran.push(n)
        if (n === 2 && ran.length < 4) throw new Error('two is bad')
        return n * 10
      })

    await expect(call(handler)).rejects.toThrow('two is bad')
    expect(ran).toEqual([1, 2])
    await expect(call(handler)).rejects.toThrow('two is bad')
    expect(await call(handler)).toEqual([10, 20, 30, 40])
    expect(ran).toEqual([1, 2, 2, 2, 3, 4])
  })

  test('with retries of its own goes on with the others meanwhile', async () => {
    const { call, pass } = bench()
    const ran: number[] = []
    const handler = (job: Steps) =>
      job.map('render', [1, 2, 3], (n, { attempt }) => {
        ran.push(n)
        if (n === 1 && attempt === 1) throw new Error('once')
        return n
      }, { retries: 1, backoff: '1 hour' })

    expect(await call(handler)).toBe('suspended')
    pass(HOUR)

    expect(await call(handler)).toEqual([1, 2, 3])
    expect(ran).toEqual([1, 2, 3, 1])
  })

  test('whose error was caught is not run again', async () => {
    const { call } = bench()
    const work = vi.fn(() => {
      throw new Error('no')
    })
    const handler = async (job: Steps) => {
      const seen = await job.map('render', [1], work).catch(({ message }) => message)
      await job.step('next', () => 1)
      await job.sleep('nap', HOUR)
      return seen
    }

    expect(await call(handler)).toBe('suspended')
    expect(await call(handler)).toBe('suspended')

    expect(work).toHaveBeenCalledTimes(1)
  })

  test('of nothing is nothing, and of another number of items is parked', async () => {
    const { call } = bench()
    const handler = (items: number[]) => async (job: Steps) => {
      const results = await job.map('render', items, (n) => n)
      await job.sleep('nap', HOUR)
      return results
    }

    expect(await bench().call((job) => job.map('a', [], () => 1))).toEqual([])
    await call(handler([1, 2]))

    expect(await call(handler([1]))).toMatchObject(parked(/map render began with 2 items and now has 1/))
  })

  test.each([0, -1, 1.5, NaN])('of %j at once is refused', async (atOnce) => {
    await expect(bench().call((job) => job.map('a', [1], () => 1, { atOnce }))).rejects.toMatchObject({ code: 'SQ422' })
  })
})

describe('a function that was changed under a job', () => {
  /** What becomes of a job whose function was `before` when it went to sleep, and is `after` when it comes back. */
  async function changed(before: (job: Steps) => Promise<unknown>, after: (job: Steps) => Promise<unknown>) {
    const { call, pass } = bench()
    expect(
      await call(async (job) => {
        await before(job)
        await job.sleep('nap', HOUR)
      }),
    ).toBe('suspended')
    pass(HOUR)
    return await call(async (job) => {
      await after(job)
      await job.sleep('nap', HOUR)
      return 'done'
    })
  }
  const never = vi.fn()
  const a = (job: Steps) => job.step('a', () => 1)
  const b = (job: Steps) => job.step('b', () => 2)

  test.each<[string, (job: Steps) => Promise<unknown>, RegExp]>([
    ['renamed', async (job) => {
      await job.step('z', never)
      await b(job)
    }, /asks for the step z, which is new, before the step a, which ran: was that renamed/],
    ['removed', b, /step b before the step a.*reordered|step a ran.*removed/],
    ['reordered', async (job) => {
      await b(job)
      await a(job)
    }, /asks for the step b before the step a.*reordered/],
    ['added before others', async (job) => {
      await job.step('z', never)
      await a(job)
      await b(job)
    }, /step z, which is new, before/],
    ['given another version', async (job) => {
      await job.step('a', never, { version: 2 })
      await b(job)
    }, /step a ran with no version, and the function now asks for it with version 2/],
    ['another kind of thing', async (job) => {
      await job.waitFor('a')
      await b(job)
    }, /a was a step, and the function now asks for a wait/],
  ])('in that a step was %s parks it, and runs nothing', async (_, after, reason) => {
    const said = await changed(async (job) => {
      await a(job)
      await b(job)
    }, after)

    expect(said).toMatchObject(parked(reason))
    expect(said).toMatchObject(parked(/forget_steps/))
    expect(never).not.toHaveBeenCalled()
  })

  const KINDS: Record<string, (job: Steps, work: () => unknown) => Promise<unknown>> = {
    'a step': (job, work) => job.step('it', work),
    'a map': (job, work) => job.map('it', [1, 2], work),
    'a sleep': (job) => job.sleep('it', new Date(0)),
    'a wait': (job) => job.waitFor('it', { timeout: new Date(0) }),
  }
  const pairs = Object.keys(KINDS).flatMap((was) =>
    Object.keys(KINDS).filter((is) => is !== was).map((is) => [was, is] as const)
  )

  test.each(pairs)('in that %s became %s of the same name parks it, and runs nothing', async (was, is) => {
    const ran = vi.fn()

    expect(await changed((job) => KINDS[was]!(job, () => 1), (job) => KINDS[is]!(job, ran))).toMatchObject(
      parked(new RegExp(`it was ${was}, and the function now asks for ${is} of that name`)),
    )

    expect(ran).not.toHaveBeenCalled()
  })

  const numbered = (...items: unknown[]) => (job: Steps, work: (item: unknown) => unknown = () => 1) =>
    job.map('each', items, work)
  test.each<[string, ReturnType<typeof numbered>, ReturnType<typeof numbered>, RegExp]>([
    ['longer', numbered(1, 2), numbered(1, 2, 3), /map each began with 2 items and now has 3/],
    ['shorter', numbered(1, 2), numbered(1), /map each began with 2 items and now has 1/],
    ['reordered', numbered('a', 'b'), numbered('b', 'a'), /map each began with other items .* or in another order/],
    ['another', numbered({ id: 1 }), numbered({ id: 2 }), /map each began with other items/],
    ['of texts and not of numbers', numbered(1), numbered('1'), /map each began with other items/],
    ['cut at another place', numbered('a', 'b\nc'), numbered('a\nb', 'c'), /map each began with other items/],
    ['empty, and then not', numbered(), numbered(1), /map each began with 0 items and now has 1/],
    ['not empty, and then empty', numbered(1), numbered(), /map each began with 1 items and now has 0/],
  ])('in that the list of a map is %s parks it, and runs nothing', async (_, before, after, reason) => {
    const ran = vi.fn()

    expect(await changed((job) => before(job), (job) => after(job, ran))).toMatchObject(parked(reason))

    expect(ran).not.toHaveBeenCalled()
  })

  test('in that the list of a map is reordered while it is under way parks it: no item gets what another brought', async () => {
    const { call, steps } = bench()
    const rendered: string[] = []
    const render = (pages: string[], fails: boolean) => (job: Steps) =>
      job.map('render', pages, (page) => {
        if (fails && page === 'b') throw new Error('no')
        rendered.push(page)
        return page
      })
    await expect(call(render(['a', 'b', 'c'], true))).rejects.toThrow('no')

    const said = await call(render(['c', 'a', 'b'], false))

    expect(said).toMatchObject(parked(/map render began with other items than it is now given, or in another order/))
    expect(rendered).toEqual(['a'])
    expect(steps()).toEqual(['render running', 'render done', 'render failed'])
  })

  test('takes items that are the same for the same, in whatever order their keys come, and those that are no JSON', async () => {
    const circle: Record<string, unknown> = {}
    circle.again = circle
    const unlike = [() => 1, undefined, 1n, circle, new Uint8Array(3), new Date(0)]

    expect(await changed(numbered({ a: 1, b: { c: 2, d: 3 } }), numbered({ b: { d: 3, c: 2 }, a: 1 }))).toBe('done')
    expect(await changed(numbered(...unlike), numbered(...unlike))).toBe('done')
  })

  test('in that a map got another version while it was under way parks it: what its items brought is not mixed', async () => {
    const { call } = bench()
    const ran: string[] = []
    const render = (version: number, fails: boolean) => (job: Steps) =>
      job.map('render', ['a', 'b'], (page) => {
        if (fails && page === 'b') throw new Error('no')
        ran.push(`${page} by ${version}`)
      }, { version })
    await expect(call(render(1, true))).rejects.toThrow('no')

    expect(await call(render(2, false))).toMatchObject(
      parked(/step render \[0\] ran with version 1, and the function now asks for it with version 2/),
    )
    expect(ran).toEqual(['a by 1'])
    expect(await call(render(1, false))).toEqual([undefined, undefined])
  })

  const times = (times: number) => async (job: Steps, work: () => unknown = () => 1) => {
    for (let n = 0; n < times; n++) await job.step('send', work)
  }
  test.each<[string, (job: Steps) => Promise<unknown>, (job: Steps, work: () => unknown) => Promise<unknown>, RegExp]>([
    ['more often', times(2), times(3), /step send \(3\.\), which is new, before the step nap/],
    ['less often', times(3), times(2), /asks for the step nap before the step send \(3\.\)/],
    ['behind another of its own', async (job) => {
      await times(1)(job)
      await b(job)
      await times(1)(job)
    }, async (job, work) => {
      await times(2)(job, work)
      await b(job)
    }, /asks for the step send \(2\.\) before the step b/],
  ])(
    'in that a step of a name that comes again comes %s parks it, and runs nothing',
    async (_, before, after, reason) => {
      const ran = vi.fn()

      expect(await changed(before, (job) => after(job, ran))).toMatchObject(parked(reason))

      expect(ran).not.toHaveBeenCalled()
    },
  )

  test.each<[string, (job: Steps) => Promise<unknown>, (job: Steps, work: () => unknown) => Promise<unknown>]>([
    ['behind a sleep', async (job) => {
      await a(job)
      await job.sleep('night', new Date(0))
    }, async (job, work) => {
      await job.sleep('night', new Date(0))
      await job.step('a', work)
    }],
    ['behind a wait', async (job) => {
      await a(job)
      await job.waitFor('answer', { timeout: new Date(0) })
    }, async (job, work) => {
      await job.waitFor('answer', { timeout: new Date(0) })
      await job.step('a', work)
    }],
    ['behind a map', async (job) => {
      await a(job)
      await numbered(1)(job)
    }, async (job, work) => {
      await numbered(1)(job, work)
      await job.step('a', work)
    }],
    ['in front of a wait', async (job) => {
      await job.waitFor('answer', { timeout: new Date(0) })
      await a(job)
    }, async (job, work) => {
      await job.step('a', work)
      await job.waitFor('answer', { timeout: new Date(0) })
    }],
    ['out of branches that ran side by side, under a new name', async (job) => {
      await Promise.all([a(job), b(job)])
    }, async (job, work) => {
      await Promise.all([job.step('c', work), b(job)])
    }],
  ])('in that a step moved %s parks it, and runs nothing', async (_, before, after) => {
    const ran = vi.fn()

    expect(await changed(before, (job) => after(job, ran))).toMatchObject(
      parked(/the function asks for the step .* before the step /),
    )

    expect(ran).not.toHaveBeenCalled()
  })

  test('in that a step that failed is renamed parks it: what it did half is not done again by another name', async () => {
    const { call } = bench()
    const ran = vi.fn()
    const failing = (name: string) => (job: Steps) => job.step(name, () => Promise.reject(new Error('no')))
    await expect(call(failing('charge'))).rejects.toThrow('no')

    expect(await call((job) => job.step('charge card', ran))).toMatchObject(
      parked(/charge card, which is new, before the step charge, which ran/),
    )
    expect(ran).not.toHaveBeenCalled()
  })

  test('goes on with its old code again, and its jobs end with each step run once', async () => {
    const { call, pass } = bench()
    const ran: string[] = []
    const handler = (names: string[]) => async (job: Steps) => {
      for (const name of names) await job.step(name, () => void ran.push(name))
      await job.sleep('nap', HOUR)
      return 'done'
    }
    await call(handler(['a', 'b']))
    pass(HOUR)
    expect(await call(handler(['b', 'a']))).toMatchObject({ outcome: 'park' })

    expect(await call(handler(['a', 'b']))).toBe('done')
    expect(ran).toEqual(['a', 'b'])
  })

  test('that ends without a step that ran parks it', async () => {
    const { call, pass } = bench()
    await call(async (job) => {
      await a(job)
      await job.sleep('nap', HOUR)
    })
    pass(HOUR)

    expect(await call(a)).toMatchObject(parked(/the step nap ran, and the function ended without it/))
  })

  test('behind what has run goes on with the new', async () => {
    const { call, pass } = bench()
    await call(async (job) => {
      await a(job)
      await job.sleep('nap', HOUR)
      await b(job)
    })
    pass(HOUR)

    expect(
      await call(async (job) => {
        await a(job)
        await job.sleep('nap', HOUR)
        return await job.step('new', () => 'new')
      }),
    ).toBe('new')
  })

  test('is not suspected where branches run side by side and come in another order', async () => {
    const { call, pass } = bench()
    const branch = async (job: Steps, name: string, ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      await job.step(`${name} 1`, () => 1)
      await job.step(`${name} 2`, () => 2)
    }
    const handler = (first: number, second: number) => async (job: Steps) => {
      await Promise.all([branch(job, 'a', first), branch(job, 'b', second)])
      await job.sleep('nap', HOUR)
      return 'done'
    }

    expect(await call(handler(1, 15), { grace: 500 })).toBe('suspended')
    pass(HOUR)
    expect(await call(handler(15, 1), { grace: 500 })).toBe('done')
  })
})

test('a function without steps asks the memory nothing', async () => {
  const store = { load: vi.fn(), note: vi.fn(), suspend: vi.fn() }
  const { around } = openSteps({
    store,
    idempotencyKey: 'key',
    signal: new AbortController().signal,
    deps: makeDeps().deps,
  })

  expect(await around(() => 42)).toBe(42)

  expect([store.load, store.note, store.suspend].map((ask) => ask.mock.calls.length)).toEqual([0, 0, 0])
})

describe('a call whose time runs out', () => {
  test('begins no new step behind the first third of it: the next slice does, and each runs once', async () => {
    const { call, pass, until } = bench()
    const ran: number[] = []
    const handler = async (job: Steps) => {
      for (let n = 1; n <= 6; n++) {
        await job.step(`part ${n}`, () => {
          ran.push(n)
          pass(6000)
        })
      }
      return 'done'
    }

    const calls: unknown[] = []
    while (calls.at(-1) !== 'done') {
      calls.push(await call(handler, { leftMs: 30_000 }))
      if (calls.at(-1) === 'suspended') expect(until()).toBeLessThanOrEqual(36_000)
    }

    expect(calls).toEqual(['suspended', 'suspended', 'done'])
    expect(ran).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('leaves a step that says how long it takes, or of whose name one took long, to the next slice', async () => {
    const { call, pass } = bench()
    const slices: string[][] = []
    const handler = async (job: Steps) => {
      const slice: string[] = []
      slices.push(slice)
      const take = (name: string, ms: number) => () => {
        slice.push(name)
        pass(ms)
      }
      await job.step('short', take('short', 2000))
      await job.step('long', take('long', 20_000), { timeout: '28 seconds' })
      await job.step('again', take('again', 8000))
      await job.step('again', take('again', 8000))
      await job.step('again', take('again', 8000))
      return 'done'
    }

    while (await call(handler, { leftMs: 30_000 }) !== 'done');

    expect(slices).toEqual([['short'], ['long'], ['again', 'again'], ['again']])
  })

  test('begins one step in any case: every slice comes further', async () => {
    const { call } = bench()
    const handler = async (job: Steps) => {
      await job.step('a', () => 1)
      await job.step('b', () => 1)
      return 'done'
    }

    expect(await call(handler, { leftMs: 0 })).toBe('suspended')
    expect(await call(handler, { leftMs: 0 })).toBe('done')
  })

  test('hands on when the platform is about to end the isolate', async () => {
    const { call, steps } = bench()
    const ending = new AbortController()
    const handler = async (job: Steps) => {
      await job.step('a', () => ending.abort(new Error('the platform ends this function')))
      await job.step('b', () => 1)
      return 'done'
    }

    expect(await call(handler, { signal: ending.signal })).toBe('suspended')
    expect(steps()).toEqual(['a done'])
    expect(await call(handler)).toBe('done')
  })

  test('gives a step whose call has died under it a call of its own', async () => {
    const { call, job, steps } = bench()
    job.steps.set(JSON.stringify(['b', 1, 0]), {
      name: 'b',
      occurrence: 1,
      item: 0,
      kind: 'run',
      status: 'running',
      place: 2,
      alone: true,
      attempts: 1,
      tries: [],
    })
    const handler = async (job: Steps) => {
      await Promise.all([job.step('a', () => 1), job.step('b', () => 2)])
      return 'done'
    }

    expect(await call(handler, { leftMs: 60_000 })).toBe('suspended')
    expect(steps()).toEqual(['b running', 'a done'])
    expect(await call(handler, { leftMs: 60_000 })).toBe('done')
  })

  test('waits for items of a map that are under way, and leaves the others to the next slice', async () => {
    const { call, pass } = bench()
    const ran: number[][] = []
    const handler = (job: Steps) => {
      const slice: number[] = []
      ran.push(slice)
      return job.map('render', [1, 2, 3, 4, 5], (n) => {
        slice.push(n)
        pass(4000)
        return n
      }, { atOnce: 2 })
    }

    let said: unknown
    do said = await call(handler, { leftMs: 30_000 })
    while (said === 'suspended')

    expect(said).toEqual([1, 2, 3, 4, 5])
    expect(ran.flat().sort()).toEqual([1, 2, 3, 4, 5])
    expect(ran.length).toBeGreaterThan(1)
  })
})

describe('a memory that does not answer', () => {
  test('is asked again, and an end whose answer was lost is one', async () => {
    const { job } = bench()
    const passing = () => Promise.reject(new SupaqueueError('SQ503', 'the database did not answer', ''))
    const asked: string[] = []
    const store: StepStore = {
      load: () => Promise.resolve({ steps: [], left_ms: null }),
      note: () => (asked.push('note'), asked.length < 2 ? passing() : Promise.resolve()),
      suspend: () => (asked.push('suspend'), asked.length < 4 ? passing() : Promise.reject(new LeaseLost('gone', ''))),
    }
    const { around, steps } = openSteps({
      store,
      idempotencyKey: 'key',
      signal: new AbortController().signal,
      deps: makeDeps().deps,
    })

    const said = await around(async () => {
      await steps.step('a', () => 1)
      await steps.sleep('nap', HOUR)
    })

    expect(isSuspended(said as Decision)).toBe(true)
    expect(asked).toEqual(['note', 'note', 'suspend', 'suspend'])
    expect(job.steps.size).toBe(0)
  })

  test('that refuses one of several is asked for each by itself', async () => {
    const noted: string[] = []
    const store: StepStore = {
      load: () => Promise.resolve({ steps: [], left_ms: null }),
      async note(notes) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (notes.some(({ name }) => name === 'bad')) throw new SupaqueueError('SQ413', 'too large', 'make it smaller')
        noted.push(...notes.map(({ name }) => name))
      },
      suspend: () => Promise.reject(new Error('never')),
    }
    const { around, steps } = openSteps({
      store,
      idempotencyKey: 'key',
      signal: new AbortController().signal,
      deps: makeDeps().deps,
    })

    const results = await around(() =>
      Promise.allSettled(['first', 'good', 'bad'].map((name) => steps.step(name, () => name)))
    )

    expect((results as PromiseSettledResult<unknown>[]).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect(noted.sort()).toEqual(['first', 'good'])
  })
})
