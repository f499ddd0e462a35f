import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { testDatabase } from '../../../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

// Batches and lines, as a model: a few lines of TypeScript that say which calls a claim makes and what becomes of each job.
// Random plays of both, the model and the database, which must agree after every step: with jobs that kill each call that they
// are in, answers that come in parts and from two runs, leases that run out in the middle, retries, and users who skip and retry.

const STEPS = 70
const WORKERS = 3
const MAX_ATTEMPTS = 2

type Settings = { batch_size: number; batch_by?: 'key'; ordered?: 'key'; after_failure?: 'block' | 'continue' }

type Job = {
  id: number
  key: string | null
  priority: number
  /** Kills its calls; fails so often before it succeeds; is given up at once. */
  kind: 'poison' | 'flaky' | 'hopeless' | 'good'
  failures: number
  status: 'pending' | 'in_progress' | 'success' | 'failed' | 'cancelled'
  /** For its next attempt. */
  waits: boolean
  attempts: number
  limit: number | null
}

type Token = { job: Job; token: string }
/** `left` of it is to be reported. */
type Call = { size: number; dies: boolean; left: Token[] }

/** Numbers that look random and are the same for the same seed. */
const dice = (seed: number) => (sides: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * sides)
}

/** What a claim begins, call by call. */
function nextCalls(jobs: Job[], free: number, settings: Settings): Job[][] {
  const lineOf = (job: Job) => job.key ?? `job ${job.id}`
  const mayBegin = (job: Job) =>
    job.status === 'pending' && !job.waits &&
    !(settings.ordered && jobs.some((other) =>
      other.id !== job.id && lineOf(other) === lineOf(job) && (
        other.status === 'in_progress' || other.id < job.id && (
            other.status === 'pending' || other.status === 'failed' && settings.after_failure === 'block'
          )
      )
    ))
  const inTurn = jobs.filter(mayBegin).sort((one, other) => other.priority - one.priority || one.id - other.id)
  const first = inTurn.slice(0, free * settings.batch_size)
  // When there are more, of each key as many as fill a call.
  const further = settings.batch_by && first.length === free * settings.batch_size
    ? [...new Set(first.map(({ key }) => key))].filter((key) => key !== null).flatMap((key) =>
      inTurn.filter((job) => job.key === key && !first.includes(job)).slice(0, settings.batch_size)
    )
    : []
  const candidates = inTurn.filter((job) => first.includes(job) || further.includes(job))
  const sameCall = (job: Job) => `${job.limit} ${settings.batch_by ? job.key : ''}`
  const calls: Job[][] = []
  for (const job of candidates) {
    const size = Math.min(settings.batch_size, job.limit ?? settings.batch_size)
    const open = calls.find((call) => sameCall(call[0]!) === sameCall(job) && call.length < size)
    if (open) open.push(job)
    else calls.push([job])
  }
  return calls.slice(0, free)
}

/** What is reported of a job, and what becomes of it. */
function settle(call: Call, { job }: Token, lost: boolean): 'divided' | 'success' | 'unknown' | 'killed' | 'failed' {
  const died = lost || call.dies
  if (died && call.size > 1) {
    job.status = 'pending'
    job.limit = Math.ceil(call.size / 2)
    return 'divided'
  }
  job.attempts++
  if (!died && (job.kind === 'good' || job.kind === 'flaky' && job.failures === 0)) {
    job.status = 'success'
    return 'success'
  }
  if (!died && job.kind === 'flaky') job.failures--
  const over = !died && job.kind === 'hopeless' || job.attempts >= MAX_ATTEMPTS
  job.status = over ? 'failed' : 'pending'
  job.waits = !over
  return died ? 'unknown' : job.kind === 'hopeless' ? 'killed' : 'failed'
}

async function play(harness: Harness, seed: number, settings: Settings) {
  const roll = dice(seed)
  const queue = await harness.queue({
    ...{ ...settings, workers: WORKERS, max_attempts: MAX_ATTEMPTS, retry_base_ms: 3_600_000, retry_max_ms: 3_600_000 },
  })
  const runs = [randomUUID(), randomUUID()]
  const jobs: Job[] = []
  let calls: Call[] = []
  const told: string[] = []
  const history = new Map<number, string[]>()
  const note = (job: Job, outcome: string) => {
    if (outcome !== 'success') history.set(job.id, [...history.get(job.id) ?? [], outcome])
  }
  const sql = (text: string, more: unknown[] = []) => harness.db.query(text, [queue, ...more])

  /** What is due soon is due now, in the order of the ids; no circuit opens, and the leader stays awake. */
  const settleTimes = async () => {
    await sql(
      `update supaqueue.job set run_at = '2020-01-01'::timestamptz + id * interval '1 second'
       where queue = $1 and status = 'pending' and run_at < clock_timestamp() + interval '1 minute'
         and run_at <> '2020-01-01'::timestamptz + id * interval '1 second'`,
    )
    await harness.db.query('delete from supaqueue.circuit')
    await sql(
      `update supaqueue.heartbeat set awake_until = clock_timestamp() + interval '50 seconds' where queue = $1`,
    )
  }

  const agree = async () => {
    const shown = (job: Omit<Job, 'key' | 'priority' | 'kind' | 'failures'>) => {
      const { id, status, attempts, limit, waits } = job
      return [
        id,
        status,
        ...(status === 'in_progress' ? [] : [attempts]),
        ...(status === 'pending' ? [limit, waits] : []),
      ]
    }
    const { rows } = await sql(
      `select id, status::text, attempts, batch_limit as limit, run_at > clock_timestamp() as waits
       from supaqueue.job where queue = $1 order by id`,
    )
    expect(rows.map(shown), `seed ${seed}, after ${told.slice(-8).join('; ')}`).toEqual(jobs.map(shown))
    const busy = calls.length
    expect(await harness.freeWorkers(queue), `seed ${seed}, after ${told.slice(-8).join('; ')}`).toBe(WORKERS - busy)
  }

  const insert = async () => {
    for (let more = 1 + roll(6); more > 0; more--) {
      const key = [null, 'a', 'b', 'c'][roll(4)]!
      const priority = roll(3)
      const kind = (['poison', 'flaky', 'flaky', 'hopeless', 'good', 'good', 'good', 'good', 'good', 'good'] as const)[
        roll(10)
      ]!
      const { rows: [{ id }] } = await sql(
        'insert into supaqueue.job (queue, concurrency_key, priority) values ($1, $2, $3) returning id',
        [key, priority],
      )
      const failures = 1 + roll(2)
      jobs.push({
        id: Number(id),
        key,
        priority,
        kind,
        failures,
        status: 'pending',
        waits: false,
        attempts: 0,
        limit: null,
      })
    }
    told.push(`insert, ${jobs.length} now`)
  }

  /** Which calls it made, in any order: workers are in none. */
  const claim = async () => {
    const run = runs[roll(2)]!
    const expected = nextCalls(jobs, WORKERS - calls.length, settings)
    const taken = await harness.take(run, queue, WORKERS * settings.batch_size)
    await harness.called(run, queue, taken.map(({ current_job }) => current_job.id))
    const { rows } = await harness.db.query('select id, worker from supaqueue.current_job where id = any ($1)', [
      taken.map(({ current_job }) => current_job.id),
    ])
    const byWorker = new Map<string, Token[]>()
    for (const { current_job, job } of taken) {
      const { worker } = rows.find(({ id }) => id === current_job.id)
      const one = { job: jobs.find(({ id }) => id === Number(job.id))!, token: current_job.id }
      byWorker.set(worker, [...byWorker.get(worker) ?? [], one])
    }
    const made = [...byWorker.values()]
    const ids = (all: number[][]) => all.map((one) => one.toSorted((a, b) => a - b)).toSorted((a, b) => a[0]! - b[0]!)
    told.push(`claim ${JSON.stringify(expected.map((call) => call.map(({ id }) => id)))}`)
    expect(ids(made.map((call) => call.map(({ job }) => job.id))), `seed ${seed}, after ${told.slice(-8).join('; ')}`)
      .toEqual(ids(expected.map((call) => call.map(({ id }) => id))))
    for (const call of made) {
      for (const { job } of call) job.status = 'in_progress'
      calls.push({ size: call.length, dies: call.some(({ job }) => job.kind === 'poison'), left: call })
    }
    return made.length
  }

  /** Of a call, or of a part of it. By either run: a report goes by its token. */
  const answer = async (part: boolean) => {
    const call = calls[roll(calls.length)]
    if (!call) return
    const these = part ? call.left.filter(() => roll(2) === 0) : call.left
    const reports = these.map((one) => ({ token: one.token, job: one.job, outcome: settle(call, one, false) }))
    told.push(`answer ${reports.map(({ job, outcome }) => `${job.id} ${outcome}`)}`)
    for (const { job, outcome } of reports) note(job, outcome)
    await harness.turn(runs[roll(2)]!, queue, { reports: reports.map(({ token, outcome }) => ({ token, outcome })) })
    leave(call, these)
  }

  const leave = (call: Call, gone: Token[]) => {
    call.left = call.left.filter((one) => !gone.includes(one))
    calls = calls.filter(({ left }) => left.length > 0)
  }

  const loseLease = async () => {
    const call = calls[roll(calls.length)]
    if (!call) return
    const these = roll(2) === 0 ? call.left : call.left.filter(() => roll(2) === 0)
    told.push(`lose ${these.map(({ job }) => job.id)}`)
    await harness.db.query(
      `update supaqueue.current_job set lease_until = clock_timestamp() - interval '1 second' where id = any ($1)`,
      [these.map(({ token }) => token)],
    )
    await harness.sweep()
    for (const one of these) note(one.job, settle(call, one, true))
    leave(call, these)
  }

  const passTime = async () => {
    told.push('time passes')
    await sql(
      `update supaqueue.job set run_at = clock_timestamp() where queue = $1 and status = 'pending' and run_at > now()`,
    )
    for (const job of jobs) job.waits = false
  }

  const anyOf = (...states: Job['status'][]) => {
    const some = jobs.filter(({ status }) => states.includes(status))
    return some[roll(some.length)]
  }

  const skip = async () => {
    const job = anyOf(...(settings.after_failure === 'block' ? ['failed', 'pending'] as const : ['pending'] as const))
    if (!job) return
    told.push(`skip ${job.id}`)
    await ask(harness, 'cancel', { job: job.id })
    job.status = 'cancelled'
  }

  const retry = async () => {
    const job = anyOf('failed', 'cancelled')
    if (!job) return
    told.push(`retry ${job.id}`)
    await ask(harness, 'retry', { job: job.id })
    Object.assign(job, { status: 'pending', attempts: 0, limit: null, waits: false })
  }

  await harness.turn(runs[0]!, queue)
  const steps = [
    insert,
    claim,
    claim,
    claim,
    () => answer(true),
    () => answer(false),
    () => answer(false),
    loseLease,
    passTime,
    skip,
    retry,
  ]
  for (let step = 0; step < STEPS; step++) {
    await steps[roll(steps.length)]!()
    await settleTimes()
    await agree()
  }

  // To the end: each call is answered, and each failed job tried again.
  for (let round = 0;; round++) {
    expect(round, `seed ${seed}: it comes to an end`).toBeLessThan(1000)
    while (calls.length > 0) await answer(false)
    await passTime()
    await settleTimes()
    await agree()
    if (await claim() === 0) break
  }
  const { rows } = await harness.db.query(
    `select job, array_agg(outcome::text order by id) as outcomes from supaqueue.attempt where job = any ($1) group by job`,
    [jobs.map(({ id }) => id)],
  )
  expect(new Map(rows.map(({ job, outcomes }) => [Number(job), outcomes]))).toEqual(history)
}

const games: Settings[] = [
  { batch_size: 5 },
  { batch_size: 8, batch_by: 'key' },
  { batch_size: 1, ordered: 'key', after_failure: 'block' },
  { batch_size: 1, ordered: 'key', after_failure: 'continue' },
  { batch_size: 3, ordered: 'key', after_failure: 'block' },
  { batch_size: 3, ordered: 'key', after_failure: 'continue' },
]

describe('in any sequence of claims, answers and losses, batches and lines do what the model says', () => {
  test.for(games.flatMap((settings) => [1, 2, 3].map((seed) => [seed, settings] as const)))(
    'seed %i, %o',
    async ([seed, settings]) => {
      const database = await testDatabase()
      try {
        await play(harnessOf(await database.connect('owner')), seed, settings)
      } finally {
        await database.drop()
      }
    },
  )
})
