import { allSucceeded } from '../contenders/all_succeeded.ts'
import { withWork } from '../contenders/supaqueue_work.ts'
import type { Bench, Finding, Scenario, Target } from '../scenario.ts'
import { type BenchStack, isAsleep, makeQueue, withStack } from '../stack.ts'
import { quantile, short } from '../stats.ts'
import { countTraffic } from '../traffic.ts'
import { pause, until } from '../wait.ts'

export const latency: Scenario = {
  name: 'latency',
  about: "from an insert's commit to the function being entered, asleep and at steady rates",
  measure,
}

// With it, the server knows to the microsecond when a transaction committed.
const postgres = { settings: { track_commit_timestamp: 'on' } }

/** So many inserts a second have a target. Quick, only the slowest and the fastest are measured. */
const RATES = [5, 20, 100]
const atRate = (perSecond: number) => `${perSecond}/s`

const WORK = 'supaqueue work, '
const DIRECT = 'direct, '

/** Milliseconds from commit to entry, one for each job. */
type Measured = { name: string; ms: number[]; emptyTurnsPerSecond: number; turnsPerSecond: number }

async function measure({ options: { quick }, say }: Bench): Promise<Finding> {
  const rates = quick ? [Math.min(...RATES), Math.max(...RATES)] : RATES
  const measured: Measured[] = []
  const watch = async (stack: BenchStack, who: string, rates: number[]) => {
    const add = (one: Measured) => {
      // Those of a connection are not seen by who looks at the Data API.
      measured.push({
        ...one,
        name: who + one.name,
        ...(who !== '' && { turnsPerSecond: NaN, emptyTurnsPerSecond: NaN }),
      })
      say(`${who}${one.name}: p50 ${short(quantile(one.ms, 0.5))} ms`)
    }
    add(await asleep(stack, quick ? 3 : 20))
    for (const perSecond of rates) add(await steady(stack, perSecond, quick ? 4 : Math.max(20, 20 / perSecond)))
  }
  await withStack({ postgres }, async (stack) => {
    await watch(stack, '', quick ? rates : [1, ...RATES, 500])
    await withWork(stack, () => watch(stack, WORK, rates))
  })
  await withStack({ postgres, direct: true }, (stack) => watch(stack, DIRECT, rates))
  return {
    tables: [{
      title: "Latency from the insert's commit to the function being entered, ms",
      columns: ['inserts', 'n', 'p50', 'p95', 'p99', 'max', 'turns/s', 'empty turns/s'],
      rows: measured.map(({ name, ms, turnsPerSecond, emptyTurnsPerSecond }) => [
        name,
        String(ms.length),
        ...[0.5, 0.95, 0.99, 1].map((q) => short(quantile(ms, q))),
        Number.isFinite(turnsPerSecond) ? short(turnsPerSecond) : '',
        Number.isFinite(emptyTurnsPerSecond) ? short(emptyTurnsPerSecond) : '',
      ]),
      notes: [
        'Commit: the timestamp that the server keeps for the transaction. Entered: the clock of the function, first thing.',
        'Default settings, 10 workers, no-op function; single inserts at random distances, so that none falls in step with the polls.',
        'supaqueue work: a process beside the stack. direct: the edge function over a connection of its own. Turns are counted where they go by the Data API.',
        'Asleep: nobody awake and pg_net quiet for more than a second before each. With few samples the p99 is the maximum.',
      ],
    }],
    targets: targets(measured),
    samples: measured,
  }
}

async function asleep(stack: BenchStack, trials: number): Promise<Measured> {
  const queue = await makeQueue(stack.db, 'entered', 10)
  for (let trial = 0; trial < trials; trial++) {
    await until('the queue to sleep', () => isAsleep(stack.db, queue), { everyMs: 50 })
    // pg_net sends at once only what comes after a second of quiet.
    await pause(1200 + Math.random() * 300)
    await insertOne(stack, queue)
    await untilDone(stack, queue)
  }
  return { name: 'asleep', ms: await latencies(stack, queue), turnsPerSecond: NaN, emptyTurnsPerSecond: NaN }
}

async function steady(stack: BenchStack, perSecond: number, seconds: number): Promise<Measured> {
  const queue = await makeQueue(stack.db, 'entered', 10)
  // The first one wakes the queue, and is not of the awake.
  await insertOne(stack, queue)
  await untilDone(stack, queue)
  await stack.db.query('delete from supaqueue.job where queue = $1', [queue])

  const traffic = countTraffic(stack)
  const from = performance.now()
  const inserts: Promise<void>[] = []
  let next = from
  while ((next += -Math.log(1 - Math.random()) * 1000 / perSecond) < from + seconds * 1000) {
    await pause(Math.max(0, next - performance.now()))
    inserts.push(insertOne(stack, queue))
  }
  await Promise.all(inserts)
  const took = (performance.now() - from) / 1000
  const { turns, emptyTurns } = traffic.read()
  traffic.stop()
  await untilDone(stack, queue)
  return {
    name: atRate(perSecond),
    ms: await latencies(stack, queue),
    turnsPerSecond: turns / took,
    emptyTurnsPerSecond: emptyTurns / took,
  }
}

// The transaction's own id in the payload: later updates of the job have others.
const insertOne = async ({ db }: BenchStack, queue: string): Promise<void> => {
  await db.query(
    `insert into supaqueue.job (queue, payload)
     values ($1, jsonb_build_object('xid', pg_current_xact_id()::text))`,
    [queue],
  )
}

const untilDone = ({ db }: BenchStack, queue: string) =>
  until('all jobs', () => allSucceeded(db, 'supaqueue.job', queue))

async function latencies({ db }: BenchStack, queue: string): Promise<number[]> {
  const { rows } = await db.query<{ ms: number }>(
    `select
       (result ->> 'at')::float8 - extract(epoch from pg_xact_commit_timestamp((payload ->> 'xid')::xid))::float8 * 1000 as ms
     from supaqueue.job
     where queue = $1
     order by id`,
    [queue],
  )
  return rows.map(({ ms }) => ms)
}

function targets(measured: Measured[]): Target[] {
  const target = (name: string, p50: number, p99: number): Target => {
    const ms = measured.find((one) => one.name === name)?.ms ?? []
    const [half, most] = [quantile(ms, 0.5), quantile(ms, 0.99)]
    return {
      claim: `latency ${name}: p50 under ${p50} ms, p99 under ${p99} ms`,
      reached: `${short(half)} and ${short(most)} ms`,
      held: ms.length === 0 ? undefined : half < p50 && most < p99,
    }
  }
  const empty = Math.max(0, ...measured.map((one) => one.emptyTurnsPerSecond).filter(Number.isFinite))
  return [
    target('asleep', 10, 60),
    ...RATES.map((rate) => target(atRate(rate), 30, 80)),
    ...['asleep', ...RATES.map(atRate)].map((name) => target(WORK + name, 6, 25)),
    ...['asleep', ...RATES.map(atRate)].map((name) => target(DIRECT + name, 30, 80)),
    { claim: 'at most 15 empty turns a second', reached: short(empty), held: empty <= 15 },
  ]
}
