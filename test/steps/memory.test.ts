import { expect } from 'vitest'
import { LeaseLost } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import {
  type MemoryJob,
  memoryOfSteps,
  type SentSignal,
} from '../../supabase/functions/_shared/supaqueue/step_memory.ts'
import {
  databaseStore,
  type OpenStep,
  type StepNote,
  type StepRow,
  type StepStore,
} from '../../supabase/functions/_shared/supaqueue/step_store.ts'
import { type Harness, test } from '../support/harness.ts'

// What users test their functions with, and the database: the same scenes, and the same answers.

type Played = {
  store: () => StepStore
  signal(name: string, payload: unknown): Promise<void>
  /** What is waited for is over. */
  pass(): Promise<void>
  /** The call ends, if it has not, and the job is called again. */
  again(): Promise<void>
}

const note = (name: string, place: number, more: Partial<StepNote> = {}): StepNote => ({
  name,
  occurrence: 1,
  item: 0,
  kind: 'run',
  status: 'done',
  place,
  alone: true,
  attempt: 1,
  ms: 5,
  ...more,
})
const open = (name: string, place: number, kind: OpenStep['kind'], more: Partial<OpenStep> = {}): OpenStep => ({
  name,
  occurrence: 1,
  item: 0,
  place,
  alone: true,
  kind,
  ...more,
})

const SCENES: Record<string, (played: Played, seen: (what: unknown) => void) => Promise<void>> = {
  async 'results, nothing and null'({ store, again }, seen) {
    await store().note([note('a', 1, { result: { n: 1 } }), note('b', 2), note('c', 3, { result: null })])
    await again()
    seen(await store().load())
  },
  async 'what is over is not written over'({ store }, seen) {
    await store().note([note('a', 1, { result: 1 })])
    await store().note([note('a', 1, { result: 2 }), note('b', 2, { status: 'given_up', error: 'no' })])
    await store().note([note('b', 2, { result: 3 })])
    seen(await store().load())
  },
  async 'failures, and a call that died'({ store, again }, seen) {
    await store().note([note('a', 1, { status: 'failed', error: 'no' }), note('b', 2, { status: 'running' })])
    await again()
    await store().note([
      note('a', 1, { status: 'given_up', error: 'no', attempt: 2 }),
      note('b', 2, { attempt: 2, result: 1 }),
    ])
    seen(await store().load())
  },
  async 'a sleep, and its end'({ store, pass, again }, seen) {
    seen(await store().suspend([open('nap', 1, 'sleep', { after_ms: 3_600_000 })], false))
    await again()
    seen(await store().suspend([open('nap', 1, 'sleep', { after_ms: 9 })], false))
    await pass()
    await again()
    seen(await store().load())
  },
  async 'a sleep that is over already'({ store }, seen) {
    seen(await store().suspend([open('nap', 1, 'sleep', { at: '2000-01-01T00:00:00Z' })], false))
  },
  async 'signals before and after'({ store, signal, again }, seen) {
    await signal('a', 1)
    seen(await store().suspend([open('a', 1, 'wait'), open('b', 2, 'wait', { after_ms: 3_600_000 })], false))
    seen(await store().suspend([open('b', 2, 'wait')], false))
    await signal('b', { n: 2 })
    await again()
    seen(await store().load())
  },
  async 'a wait that times out'({ store, signal, pass, again }, seen) {
    seen(await store().suspend([open('a', 1, 'wait', { after_ms: 3_600_000 })], false))
    await pass()
    await again()
    seen(await store().load())
    await signal('a', 1)
    seen(await store().suspend([open('a', 2, 'wait', { occurrence: 2 })], false))
  },
  async 'retries of its own'({ store, pass, again }, seen) {
    await store().note([note('a', 1, { status: 'failed', error: 'no', after_ms: 3_600_000 })])
    seen(await store().suspend([open('a', 1, 'run')], false))
    await pass()
    await again()
    seen(await store().suspend([open('a', 1, 'run')], false))
  },
  async 'a map'({ store, again }, seen) {
    await store().note([
      note('m', 1, { kind: 'map', items: 2, fingerprint: 'of two', status: 'running' }),
      note('m', 1, { item: 2, result: 'b' }),
    ])
    await again()
    await store().note([note('m', 1, { item: 1, result: 'a' }), note('m', 1, { kind: 'map', items: 2 })])
    seen(await store().load())
  },
  async 'a slice, and a stale call'({ store }, seen) {
    const stale = store()
    seen(await stale.suspend([], true))
    for (const ask of [() => stale.load(), () => stale.note([note('a', 1)]), () => stale.suspend([], true)]) {
      seen(await ask().then(() => 'taken', (reason) => reason instanceof LeaseLost ? 'lost' : reason))
    }
  },
}

/** Without what differs by the clock. */
const still = (what: unknown) =>
  JSON.parse(
    JSON.stringify(what, (key, value) => {
      if (['ended', 'wall_clock_ms', 'until', 'bytes'].includes(key)) return undefined
      if (key === 'left_ms') return value === null || value === undefined ? undefined : value > 0 ? 'later' : 'over'
      return value
    }),
    (_, value) => Array.isArray(value) ? value : sorted(value),
  )
const sorted = (value: unknown) =>
  value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).sort()) : value
const steps = (answer: unknown) => {
  const { left_ms: _, ...rest } = (answer ?? {}) as { left_ms?: unknown; steps?: StepRow[] }
  return typeof answer === 'string' ? answer : rest
}

async function inMemory(): Promise<Played> {
  let now = Date.now()
  let token = 1
  const signals: SentSignal[] = []
  const memory = memoryOfSteps({ now: () => now, signals })
  const job: MemoryJob = { id: 1, token, steps: new Map(), suspend: () => {} }
  return await Promise.resolve({
    store: () => memory.storeOf(job),
    signal(name, payload) {
      signals.push({ job: 1, name, payload })
      if (job.token === undefined) memory.settle(job, true)
      return Promise.resolve()
    },
    pass: () => Promise.resolve(void (now += 3_600_001)),
    again: () => Promise.resolve(void (job.token = ++token)),
  })
}

async function inDatabase(harness: Harness): Promise<Played> {
  const queue = await harness.queue({ workers: 1, max_attempts: 1000, retry_base_ms: 0, retry_max_ms: 0 })
  const job = await harness.job(queue)
  const take = async () => (await harness.take(crypto.randomUUID(), queue))[0]!.current_job.id
  let token = await take()
  const storeOf = (token: string) =>
    databaseStore(async (name, args) => {
      const given: Record<string, unknown> = { token, ...args }
      const names = Object.keys(given)
      const values = names.map((key) => key === 'steps' ? JSON.stringify(given[key]) : given[key])
      try {
        const sql = `select supaqueue.${name}(${
          names.map((key, place) => `${key} => $${place + 1}`).join(', ')
        }) as answer`
        return (await harness.db.query(sql, values)).rows[0].answer
      } catch (reason) {
        throw (reason as { code?: string }).code === 'SQ404' ? new LeaseLost('gone', '') : reason
      }
    })
  return {
    store: () => storeOf(token),
    async signal(name, payload) {
      await harness.db.query('select supaqueue.signal($1, $2, $3)', [job, name, JSON.stringify(payload)])
    },
    async pass() {
      await harness.db.query(
        `update supaqueue.step set until = clock_timestamp() - interval '1 millisecond' where job = $1 and ended_at is null and until is not null`,
        [job],
      )
    },
    async again() {
      await harness.age('current_job', queue)
      await harness.db.query('select supaqueue_internal.take_back_leases(10)')
      await harness.db.query(`update supaqueue.job set run_at = '2000-01-01' where id = $1 and status = 'pending'`, [
        job,
      ])
      token = await take()
    },
  }
}

test.for(Object.keys(SCENES))('memory and database answer alike: %s', async (name, { harness }) => {
  const played = async (scene: Played) => {
    const heard: unknown[] = []
    await SCENES[name]!(scene, (what) => void heard.push(still(steps(what))))
    return heard
  }

  const [remembered, stored] = [await played(await inMemory()), await played(await inDatabase(harness))]

  expect(remembered).toEqual(stored)
  expect(stored.length).toBeGreaterThan(0)
})
