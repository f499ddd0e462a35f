import type { Harness, Token } from '../../support/harness.ts'
import type { Run } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { type Script, statement, turns } from '../script.ts'
import { awakeQueue, busyQueue, retryAtOnce, sleepy, success } from './scenes.ts'

/** A queue of one worker: the leader has `job`, `next` waits for the worker, `target` and `other` are held. */
type Busy = { queue: string; leader: Run; token: Token; job: number; next: number; target: number; other: number }

async function busy(harness: Harness): Promise<Busy> {
  const { queue, leader, token } = await busyQueue(harness, retryAtOnce)
  const [{ job }] = await harness.currentJobs(queue)
  const next = await harness.job(queue)
  const target = await harness.job(queue, { status: 'held' })
  const other = await harness.job(queue, { status: 'held' })
  return { queue, leader, token, job, next, target, other }
}

/** What users do to a queue and its jobs by the functions for it, and with which codes they may be refused. */
const controls: Record<string, { sql: (busy: Busy) => string; mayBeRefused?: string[]; targetWaits?: true }> = {
  'a job is made to depend on it': {
    sql: ({ job, target }) => `select supaqueue.depend(${target}, array[${job}])`,
  },
  'another job is made to depend on it': {
    sql: ({ job, other }) => `select supaqueue.depend(${other}, array[${job}])`,
    targetWaits: true,
  },
  'what depends on it is made to depend on the next': {
    sql: ({ next, target }) => `select supaqueue.depend(${target}, array[${next}])`,
    targetWaits: true,
  },
  'what depends on it is cancelled': {
    sql: ({ target }) => `select supaqueue.cancel(${target})`,
    targetWaits: true,
  },
  'what depends on it is set to pending': {
    sql: ({ target }) => `update supaqueue.job set status = 'pending' where id = ${target}`,
    targetWaits: true,
  },
  'the dependency is deleted': {
    sql: ({ target }) => `delete from supaqueue.job_dependency where target = ${target}`,
    targetWaits: true,
  },
  'it is cancelled': { sql: ({ job }) => `select supaqueue.cancel(${job})`, targetWaits: true },
  'it is tried again': {
    sql: ({ job }) => `select supaqueue.retry(${job})`,
    mayBeRefused: ['SQ409'],
    targetWaits: true,
  },
  'the queue is paused': { sql: ({ queue }) => `select supaqueue.pause('${queue}')` },
  'the queue is truncated': { sql: ({ queue }) => `select supaqueue.truncate_queue('${queue}')`, targetWaits: true },
  'all its jobs are cancelled': { sql: ({ queue }) => `select supaqueue.cancel_where('${queue}')`, targetWaits: true },
  'its worker is retired': { sql: ({ queue }) => `select supaqueue.set_concurrency('${queue}', 0)` },
}

/** Of each control and the report of a job, all that may follow from their order. */
export const controlAndReport: Scenario[] = Object.entries(controls).map((
  [name, { sql, mayBeRefused, targetWaits }],
) => ({
  title: `${name} | its run reports it`,
  large: true,
  async set(harness) {
    const scene = await busy(harness)
    if (targetWaits) await harness.db.query('select supaqueue.depend($1, $2)', [scene.target, [scene.job]])
    const { queue, leader, token } = scene
    return {
      queue,
      runs: [leader],
      scripts: [
        statement(name, sql(scene), { all: true }, { mayBeRefused }),
        turns(leader, queue, [{ reports: [success(token)], room: 25 }]),
      ],
    }
  },
}))

/** Both sources of one target, in two turns at once. */
const twoSources: Scenario = {
  title: 'one source is reported | the other one is, in a turn beside',
  large: true,
  async set(harness) {
    const { queue, leader } = await awakeQueue(harness, { workers: 2 })
    const sources = await harness.jobs(queue, 2)
    const target = await harness.job(queue, { status: 'held' })
    await harness.db.query('select supaqueue.depend($1, $2)', [target, sources])
    leader.hear({}, await harness.turn(leader.id, queue, { room: 25 }))
    const scripts: Script[] = [...leader.holds].map((token, nth) =>
      turns(leader, queue, [{ reports: [success(token)], room: 12 }], { name: ['run', 'beside'][nth] })
    )
    return { queue, runs: [leader], scripts }
  },
}

const pausedQueue = async (harness: Harness) => {
  const { queue, leader } = await awakeQueue(harness)
  await harness.db.query('update supaqueue.queue set paused = true where id = $1', [queue])
  return { queue, leader, job: await harness.job(queue) }
}

const runNow: Scenario[] = [
  {
    title: 'run_now on a paused queue | a run falls asleep',
    large: true,
    async set(harness) {
      const { queue, leader, job } = await pausedQueue(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          statement('run_now', `select supaqueue.run_now(${job})`, { all: true }),
          turns(leader, queue, [sleepy]),
        ],
      }
    },
  },
  {
    title: 'run_now on a paused queue | the queue is resumed',
    large: true,
    async set(harness) {
      const { queue, leader, job } = await pausedQueue(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          statement('run_now', `select supaqueue.run_now(${job})`, { all: true }),
          statement('resume', `select supaqueue.resume('${queue}')`, { all: true }),
        ],
      }
    },
  },
]

/** Pipelines and controls against what goes on meanwhile. */
export const control: Scenario[] = [...controlAndReport, twoSources, ...runNow]
