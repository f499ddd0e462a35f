import type { Harness } from '../../support/harness.ts'
import { makeRun, type Run } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { enqueue, statement, sweep, turns } from '../script.ts'
import { awakeQueue, retryAtOnce, success } from './scenes.ts'

/** A queue whose only worker has a batch of two, which a run calls. */
async function busyBatch(harness: Harness) {
  const { queue, leader } = await awakeQueue(harness, { batch_size: 2, ...retryAtOnce })
  await harness.jobs(queue, 2)
  const request = { room: 25 }
  leader.hear(request, await harness.turn(leader.id, queue, request))
  const [first, second] = await harness.currentJobs(queue)
  return { queue, leader, first, second }
}

/** A queue of one worker with a batch of two that no run has yet, and the runs that come for it. */
async function claimedBatch(harness: Harness): Promise<{ queue: string; runs: [Run, Run] }> {
  const queue = await harness.queue({ workers: 1, batch_size: 2 })
  await harness.jobs(queue, 2)
  await harness.db.query('delete from net.http_request_queue')
  return { queue, runs: [makeRun(), makeRun()] }
}

/** A queue of two workers, each with a batch of two that a run of its own calls. */
async function twoBatches(harness: Harness) {
  const { queue, leader } = await awakeQueue(harness, { workers: 2, batch_size: 2, ...retryAtOnce })
  await harness.jobs(queue, 4)
  const runs: [Run, Run] = [leader, makeRun()]
  for (const run of runs) run.hear({ room: 1 }, await harness.turn(run.id, queue, { room: 1 }))
  if (runs.some(({ holds }) => holds.size !== 2)) throw new Error('not every run has a batch')
  return { queue, runs }
}

const divided = (token: string) => ({ token, outcome: 'divided' as const, retry_after_ms: 0 })

/** Batches: jobs that share a worker and a call. */
export const batches: Scenario[] = [
  {
    title: 'a batch: enqueue | its run reports it, one job in each of two turns',
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      const reports = [first, second].map(({ id }) => ({ reports: [success(id)], room: 25 }))
      return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, reports)] }
    },
  },
  {
    title: 'a batch: a turn divides one half | a turn beside divides the other',
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          turns(leader, queue, [{ reports: [divided(first.id)], room: 25 }]),
          turns(leader, queue, [{ reports: [divided(second.id)], room: 25 }], { name: 'beside' }),
        ],
      }
    },
  },
  {
    title: 'a batch: its lease ran out, the sweep divides it | its run divides it, too',
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      await harness.called(leader.id, queue, [first.id, second.id])
      await harness.age('current_job', queue)
      const report = { reports: [first, second].map(({ id }) => divided(id)), room: 25 }
      return { queue, runs: [leader], scripts: [sweep(), turns(leader, queue, [report])] }
    },
  },
  {
    title: 'two batches with a poison job in each: a run divides one | another run divides the other',
    large: true,
    async set(harness) {
      const { queue, runs } = await twoBatches(harness)
      return {
        queue,
        runs,
        scripts: runs.map((run, nth) =>
          turns(run, queue, [{ reports: [...run.holds].map(divided), room: 25 }], {
            name: nth === 0 ? 'one' : 'another',
          })
        ),
      }
    },
  },
  {
    title: 'a batch: its lease ran out in the middle, sweep | its run reports it',
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      await harness.called(leader.id, queue, [first.id, second.id])
      await harness.age('current_job', queue)
      await harness.extend(second.id)
      const report = { reports: [first, second].map(({ id }) => success(id)), room: 25 }
      return { queue, runs: [leader], scripts: [sweep(), turns(leader, queue, [report])] }
    },
  },
  ...(['cancelled', 'deleted'] as const).map((way): Scenario => ({
    title: `a batch: one of its jobs is ${way} | its run reports both`,
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      const sql = way === 'cancelled'
        ? `update supaqueue.job set status = 'cancelled' where id = ${first.job}`
        : `delete from supaqueue.job where id = ${first.job}`
      const report = { reports: [first, second].map(({ id }) => success(id)), room: 25 }
      return {
        queue,
        runs: [leader],
        scripts: [statement('by hand', sql, { all: true }), turns(leader, queue, [report])],
      }
    },
  })),
  {
    title: 'a batch: one of its jobs is deleted | the other one is cancelled',
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      const sql = [
        `delete from supaqueue.job where id = ${first.job}`,
        `update supaqueue.job set status = 'cancelled' where id = ${second.job}`,
      ]
      return {
        queue,
        runs: [leader],
        scripts: sql.map((text, nth) => statement(nth === 0 ? 'one' : 'another', text, { all: true })),
      }
    },
  },
  {
    title: 'a batch: both of its jobs are ended by hand',
    large: true,
    async set(harness) {
      const { queue, leader, first, second } = await busyBatch(harness)
      const end = (token: string, name: string) =>
        statement(name, `select public.end_current_job('${token}', true, true)`, { all: true }, {
          mayBeRefused: ['SQ409'],
        })
      return { queue, runs: [leader], scripts: [end(first.id, 'one'), end(second.id, 'another')] }
    },
  },
  {
    title: 'a batch that no run has: two runs come for it',
    large: true,
    async set(harness) {
      const { queue, runs } = await claimedBatch(harness)
      return {
        queue,
        runs,
        scripts: runs.map((run, nth) => turns(run, queue, [{ room: 25 }], { name: nth === 0 ? 'one' : 'another' })),
      }
    },
  },
]
