import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

// Whoever takes dedupe_keys in their order, by whatever mixture of calls, never meets another who does in a circle.

const KEYS = ['k0', 'k1', 'k2']
const PLAYS = 80

/** What a call says of its keys. */
const ways = [
  { on_conflict: 'skip' },
  { on_conflict: 'replace' },
  { debounce: '20 s' },
  { debounce: '20 s', max_wait: '50 s' },
  { throttle: '1 min' },
] satisfies Way[]
type Way = { on_conflict?: string; debounce?: string; max_wait?: string; throttle?: string }
type Call = { keys: string[]; way: Way }

/** Numbers that look random and are the same for the same seed: the first of a seed's are much alike, and left out. */
function dice(seed: number) {
  let state = seed * 2654435761 % 4294967296
  const roll = (sides: number) => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return Math.floor(state / 4294967296 * sides)
  }
  roll(2)
  return roll
}

const call = (session: Harness, queue: string, { keys, way }: Call) =>
  keys.length === 1
    ? session.db.query(
      `select supaqueue.enqueue($1, dedupe_key => $2, on_conflict => $3, debounce => $4, max_wait => $5, throttle => $6)`,
      [queue, keys[0], way.on_conflict ?? 'error', way.debounce, way.max_wait, way.throttle],
    )
    : session.db.query(
      `select supaqueue.enqueue_many($1, $2, on_conflict => $3, debounce => $4, max_wait => $5, throttle => $6)`,
      [
        queue,
        JSON.stringify(keys.map((dedupe_key) => ({ dedupe_key }))),
        way.on_conflict ?? 'error',
        way.debounce,
        way.max_wait,
        way.throttle,
      ],
    )

/** Keys in their order, by single calls and by calls for several. */
function script(roll: (sides: number) => number): Call[] {
  const calls: Call[] = []
  let left = KEYS.filter(() => roll(5) > 0)
  while (left.length > 0) {
    const many = 1 + roll(left.length)
    calls.push({ keys: left.slice(0, many), way: ways[roll(ways.length)]! })
    // The same key again is in order, too.
    left = left.slice(roll(2) === 0 && many === 1 && calls.length < 5 ? 0 : many)
  }
  return calls
}

async function queueWith(harness: Harness, roll: (sides: number) => number): Promise<string> {
  const queue = await harness.queue({ paused: true })
  await harness.update('queue', queue, { dedupe_until: 'begun' })
  for (const key of KEYS) {
    if (roll(2) === 0) {
      await harness.db.query('insert into supaqueue.job (queue, dedupe_key) values ($1, $2)', [queue, key])
    }
    if (roll(3) === 0) {
      await harness.db.query(
        `insert into supaqueue.throttled_key (queue, key, free_at) values ($1, $2, now() + interval '30 s')`,
        [queue, key],
      )
    }
  }
  return queue
}

/** Each session makes its next call when it is on and waits for nobody; when it has made all, it commits. */
async function play(
  harness: Harness,
  sessions: Harness[],
  queue: string,
  scripts: Call[][],
  roll: (sides: number) => number,
) {
  const states = sessions.map((session, n) => ({
    session,
    calls: [...scripts[n]!],
    waits: undefined as Promise<unknown> | undefined,
    fault: undefined as unknown,
    ended: false,
  }))
  for (const { session } of states) await session.begin()
  while (states.some(({ ended }) => !ended)) {
    const free = states.filter(({ waits, ended }) => !waits && !ended)
    if (free.length === 0) {
      await Promise.race(states.filter(({ ended }) => !ended).map(({ waits }) => waits))
      continue
    }
    const one = free[roll(free.length)]!
    const next = one.calls.shift()
    if (!next || one.fault) {
      await (one.fault ? one.session.rollback() : one.session.commit())
      one.ended = true
      // Who waited for it goes on.
      await until(async () => {
        for (const other of states) if (other.waits && !(await harness.isBlocked(other.session))) await other.waits
        return true
      })
      continue
    }
    const waits = call(one.session, queue, next)
      .then(() => undefined, (error) => void (one.fault = error))
      .then(() => void (one.waits = undefined))
    one.waits = waits
    await until(async () => !one.waits || await harness.isBlocked(one.session))
  }
  return states.map(({ fault }) => fault)
}

describe('transactions that take keys in their order', () => {
  test.for(Array.from({ length: PLAYS }, (_, seed) => seed))('never wait in a circle: play %i', async (
    seed,
    { harness, another },
  ) => {
    const roll = dice(seed + 1)
    const queue = await queueWith(harness, roll)
    // Two ways meet: all keys by one call, and some of them one by one.
    const scripts = [roll(3) === 0 ? script(roll) : [{ keys: KEYS, way: ways[roll(ways.length)]! }], script(roll)]

    const faults = await play(harness, [await another(), await another()], queue, scripts, roll)

    expect(faults, JSON.stringify(scripts)).toEqual([undefined, undefined])
  })

  test.for<[string, Way, Way[]]>([
    ['throttled', { throttle: '1 min' }, [{ on_conflict: 'skip' }, { throttle: '1 min' }]],
    ['debounced', { debounce: '20 s' }, [{ on_conflict: 'replace' }, { throttle: '1 min' }]],
  ])('meet a call for all keys, which are %s, that comes in between', async (
    [, all, [first, second]],
    { harness, another },
  ) => {
    const queue = await harness.queue({ paused: true })
    await harness.update('queue', queue, { dedupe_until: 'begun' })
    await harness.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, 'k0')`, [queue])
    const [one, other] = [await another(), await another()]

    await one.begin()
    await call(one, queue, { keys: ['k0'], way: first! })
    await call(one, queue, { keys: ['k0'], way: { on_conflict: 'replace' } })
    const between = call(other, queue, { keys: ['k0', 'k1'], way: all })
    await until(() => harness.isBlocked(other))
    await call(one, queue, { keys: ['k0'], way: second! })
    await call(one, queue, { keys: ['k1'], way: second! })
    await one.commit()

    await expect(between).resolves.toBeDefined()
  })

  test('meet a call that writes over keys, and that waited for somebody else', async ({ harness, another }) => {
    const queue = await harness.queue({ paused: true })
    await harness.db.query(`insert into supaqueue.job (queue, dedupe_key) values ($1, 'k0')`, [queue])
    const [one, many, third] = [await another(), await another(), await another()]
    const replace = { on_conflict: 'replace' }

    await third.begin()
    await call(third, queue, { keys: ['k1'], way: replace })
    const all = call(many, queue, { keys: ['k0', 'k1', 'k2'], way: replace })
    await until(() => harness.isBlocked(many))
    await one.begin()
    const k0 = call(one, queue, { keys: ['k0'], way: replace })
    await Promise.race([k0, until(() => harness.isBlocked(one))])
    await third.rollback()
    await k0
    const k1 = call(one, queue, { keys: ['k1'], way: replace })

    await expect(k1).resolves.toBeDefined()
    await one.commit()
    await expect(all).resolves.toBeDefined()
  })
})
