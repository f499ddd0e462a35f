import { readFileSync } from 'node:fs'
import pg from 'pg'
import { withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const edges: Scenario = {
  name: 'edges',
  about: 'what many queues, many priorities and a new connection cost',
  measure: (bench) => withCopies((makeCopy) => measure(bench, makeCopy)),
}

type MakeCopy = Parameters<Parameters<typeof withCopies>[0]>[0]

type Samples = {
  /** Milliseconds for each queue of a commit that writes to so many. */
  commitFew: number[]
  commitMany: number[]
  sweepFew: number[]
  sweepMany: number[]
  metricsMs: number[]
  metricsBytes: number[]
  insertPlain: number[]
  insertPriorities: number[]
  firstInsertCpu: number[]
}

async function measure({ options, say }: Bench, makeCopy: MakeCopy): Promise<Finding> {
  const queues = options.quick ? 2000 : 10_000
  const priorities = options.quick ? 4000 : 20_000
  const rounds = options.rounds ?? (options.quick ? 2 : 5)
  const samples: Samples = {
    commitFew: [],
    commitMany: [],
    sweepFew: [],
    sweepMany: [],
    metricsMs: [],
    metricsBytes: [],
    insertPlain: [],
    insertPriorities: [],
    firstInsertCpu: [],
  }

  const few = await makeCopy()
  const many = await makeCopy(manyQueues(queues))
  const planned = await makeCopy(manyPriorities(priorities))
  say(`filled: ${short(queues)} queues, ${short(priorities)} priorities`)
  const [manyDb, plainDb, plannedDb] = await Promise.all([many, few, planned].map(({ ownerUrl }) => connect(ownerUrl)))
  try {
    // The first of each plans statements, and finds what the filling left.
    for (const db of [manyDb!, plainDb!, plannedDb!]) await insertIntoAsleep(db)
    for (const copy of [few, many, few, many]) await copy.sweep()
    for (let round = 0; round < rounds; round++) {
      samples.sweepFew.push(await few.sweep())
      samples.sweepMany.push(await many.sweep())
      const from = performance.now()
      const { rows: [row] } = await manyDb!.query('select supaqueue.metrics() as text')
      samples.metricsMs.push(performance.now() - from)
      samples.metricsBytes.push(row.text.length)
    }
    say('sweeps: done')
    // Not before: what is undone leaves dead rows behind, which sweeps would pass.
    for (let round = 0; round < rounds; round++) {
      samples.commitFew.push(await commitOver(manyDb!, queues / 10))
      samples.commitMany.push(await commitOver(manyDb!, queues))
      samples.insertPlain.push(median(await several(() => insertIntoAsleep(plainDb!))))
      samples.insertPriorities.push(median(await several(() => insertIntoAsleep(plannedDb!))))
      await plainDb!.query(SLEEP)
      const cpu = await firstInsertCpu(few.ownerUrl)
      if (cpu !== undefined) samples.firstInsertCpu.push(cpu)
      say(`round ${round + 1}/${rounds}: done`)
    }
  } finally {
    await Promise.all([manyDb, plainDb, plannedDb].map((db) => db?.end()))
  }
  return finding(samples, queues, priorities)
}

/** Further queues with a worker and nothing to do. */
const manyQueues = (queues: number) => `
  with further as (
    insert into supaqueue.queue (name, edge_function_name)
    select 'further ' || i, 'noop' from generate_series(1, ${queues}) as i
    returning id
  ),
  heartbeats as (insert into supaqueue.heartbeat (queue) select id from further)
  insert into supaqueue.worker (queue) select id from further
  where $1::uuid is not null`

/** Jobs for tomorrow in the queue, each of a priority of its own, all above that of the job that is inserted. */
const manyPriorities = (priorities: number) => `
  insert into supaqueue.job (queue, priority, run_at)
  select $1, i, now() + interval '1 day' from generate_series(1, ${priorities}) as i`

/** Milliseconds of one statement that writes to so many sleeping queues, and of its commit, for each queue. Nothing of it is kept. */
async function commitOver(db: pg.Client, queues: number): Promise<number> {
  await db.query('begin')
  const from = performance.now()
  await db.query(
    `insert into supaqueue.job (queue) select id from supaqueue.queue where name like 'further %' limit $1`,
    [queues],
  )
  // What is deferred to the commit.
  await db.query('set constraints all immediate')
  const took = performance.now() - from
  await db.query('rollback')
  return took / queues
}

const SLEEP = 'update supaqueue.heartbeat set run = null, awake_until = null where awake_until is not null'

/** Milliseconds of one insert into the queue that is measured, which sleeps. Nothing of it is kept. */
async function insertIntoAsleep(db: pg.Client, isNew = false): Promise<number> {
  await db.query('begin')
  if (!isNew) await db.query(SLEEP)
  const from = performance.now()
  await db.query(`insert into supaqueue.job (queue) select id from supaqueue.queue where name = 'measured'`)
  await db.query('set constraints all immediate')
  const took = performance.now() - from
  await db.query('rollback')
  return took
}

async function several(act: () => Promise<number>): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < 10; i++) taken.push(await act())
  return taken
}

/**
 * Milliseconds of processor time that a connection uses for its first insert, into a queue that sleeps: all functions on the way are compiled,
 * all statements planned. Undefined where there is no /proc.
 */
async function firstInsertCpu(url: string): Promise<number | undefined> {
  const db = await connect(url)
  try {
    const { rows: [{ pid }] } = await db.query('select pg_backend_pid() as pid')
    const before = cpuOf(pid)
    await insertIntoAsleep(db, true)
    const after = cpuOf(pid)
    return before === undefined || after === undefined ? undefined : after - before
  } finally {
    await db.end()
  }
}

function cpuOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return undefined
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString })
  db.on('error', () => {})
  await db.connect()
  // As the owner may do what a role of the Data API may not: take as long as it takes.
  await db.query('set statement_timeout = 0')
  return db
}

function finding(samples: Samples, queues: number, priorities: number): Finding {
  const commit = ratios(samples.commitMany, samples.commitFew)
  const insert = ratios(samples.insertPriorities, samples.insertPlain)
  const sweepMs = median(samples.sweepMany)
  const cpu = samples.firstInsertCpu.length > 0 ? median(samples.firstInsertCpu) : undefined
  return {
    tables: [{
      title: 'Edges',
      columns: ['what', 'median (spread)', 'beside', 'median (spread)', 'ratio'],
      rows: [
        [
          `one statement over ${short(queues)} sleeping queues, and its commit: ms for each`,
          spread(samples.commitMany),
          `over ${short(queues / 10)}`,
          spread(samples.commitFew),
          spread(commit),
        ],
        [
          `a sweep with ${short(queues)} queues that have nothing to do: ms`,
          spread(samples.sweepMany),
          'with one',
          spread(samples.sweepFew),
          spread(ratios(samples.sweepMany, samples.sweepFew)),
        ],
        [`metrics() with ${short(queues)} queues: ms`, spread(samples.metricsMs), '', '', ''],
        [`metrics() with ${short(queues)} queues: bytes`, spread(samples.metricsBytes), '', '', ''],
        [
          `an insert below ${short(priorities)} planned jobs, each of a priority of its own: ms`,
          spread(samples.insertPriorities),
          'without them',
          spread(samples.insertPlain),
          spread(insert),
        ],
        [
          'the first insert of a connection, into a sleeping queue: ms of processor time',
          cpu === undefined ? 'not known' : spread(samples.firstInsertCpu),
          '',
          '',
          '',
        ],
      ],
      notes: [
        'In SQL, as the owner; each filling in a database of its own; inserts and what they set off are undone again.',
      ],
    }],
    targets: [
      {
        claim: `a commit over ${short(queues)} queues costs at most twice as much for each as over ${
          short(queues / 10)
        }`,
        reached: short(median(commit)),
        held: median(commit) <= 2,
      },
      {
        claim: `an idle sweep with ${short(queues)} queues: under 200 ms`,
        reached: `${short(sweepMs)} ms`,
        held: sweepMs < 200,
      },
      {
        claim: `metrics() with ${short(queues)} queues: under 1 s and 2 MB`,
        reached: `${short(median(samples.metricsMs))} ms, ${short(median(samples.metricsBytes))} bytes`,
        held: median(samples.metricsMs) < 1000 && median(samples.metricsBytes) < 2_000_000,
      },
      {
        claim: `an insert below ${short(priorities)} priorities: within 5 times that without`,
        reached: short(median(insert)),
        held: median(insert) <= 5,
      },
      {
        claim: 'the first insert of a connection: under 20 ms of processor time',
        reached: cpu === undefined ? 'not known' : `${short(cpu)} ms`,
        held: cpu === undefined ? undefined : cpu < 20,
      },
    ],
    samples,
  }
}
