import type { Harness } from '../../support/harness.ts'
import { makeRun, type Run } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { statement, turns } from '../script.ts'
import { awakeQueue, retryAtOnce, sleepy, success } from './scenes.ts'

const ordered = { workers: 2, ordered: 'key', ...retryAtOnce } as const

/** An ordered queue of two workers, of which a run has the first of two jobs of one key. */
async function busyLine(harness: Harness, settings = {}) {
  const { queue, leader } = await awakeQueue(harness, { ...ordered, ...settings })
  for (const _ of [1, 2]) await harness.job(queue, { concurrency_key: 'a' })
  const request = { room: 25 }
  leader.hear(request, await harness.turn(leader.id, queue, request))
  const [first] = await harness.currentJobs(queue)
  return { queue, leader, first }
}

/** The same, but the first job has failed for good, and blocks the second. */
async function blockedLine(harness: Harness) {
  const { queue, leader, first } = await busyLine(harness, { max_attempts: 1 })
  const request = { reports: [{ token: first.id, outcome: 'failed' as const }], room: 25 }
  leader.hear(request, await harness.turn(leader.id, queue, request))
  return { queue, leader, job: first.job as number }
}

const enqueueToKey = (queue: string, name: string) =>
  statement(name, `insert into supaqueue.job (queue, concurrency_key) values ('${queue}', 'a')`, { all: true })

const beside = (run: Run, queue: string) => turns(run, queue, [{ room: 25 }], { name: 'beside' })

/** Strict order: of a line one job runs, and the next is found. */
export const order: Scenario[] = [
  ...(['success', 'failed', 'killed'] as const).map((outcome): Scenario => ({
    title: `order: a turn reports the first as ${outcome} | another run claims`,
    large: true,
    async set(harness) {
      const { queue, leader, first } = await busyLine(harness)
      const other = makeRun()
      const report = { reports: [{ token: first.id, outcome }], room: 25 }
      return { queue, runs: [leader, other], scripts: [turns(leader, queue, [report]), beside(other, queue)] }
    },
  })),
  ...(['cancelled', 'deleted', 'put back'] as const).map((way): Scenario => ({
    title: `order: the first is ${way} by hand while it runs | another run claims`,
    large: true,
    async set(harness) {
      const { queue, leader, first } = await busyLine(harness)
      const other = makeRun()
      const sql = way === 'deleted'
        ? `delete from supaqueue.job where id = ${first.job}`
        : `update supaqueue.job set status = '${way === 'cancelled' ? way : 'pending'}' where id = ${first.job}`
      return {
        queue,
        runs: [leader, other],
        scripts: [statement('by hand', sql, { all: true }), beside(other, queue)],
      }
    },
  })),
  ...(['cancel', 'retry'] as const).map((control): Scenario => ({
    title: `order: ${control} of the failed first | its run falls asleep`,
    large: true,
    async set(harness) {
      const { queue, leader, job } = await blockedLine(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          statement('by hand', `select supaqueue.${control}(${job})`, { all: true }),
          turns(leader, queue, [sleepy]),
        ],
      }
    },
  })),
  {
    title: 'order: the failed first is retried | and cancelled',
    large: true,
    async set(harness) {
      const { queue, leader, job } = await blockedLine(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          statement('one', `select supaqueue.retry(${job})`, { all: true }, { mayBeRefused: ['SQ409'] }),
          statement('another', `select supaqueue.cancel(${job})`, { all: true }),
        ],
      }
    },
  },
  {
    title: 'order: two of one key are enqueued, nobody awake',
    large: true,
    async set(harness) {
      const queue = await harness.queue(ordered)
      return { queue, runs: [], scripts: [enqueueToKey(queue, 'one'), enqueueToKey(queue, 'another')] }
    },
  },
  {
    title: 'order: one more of the key is enqueued | the run reports the only one and falls asleep',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness, ordered)
      await harness.job(queue, { concurrency_key: 'a' })
      const request = { room: 25 }
      leader.hear(request, await harness.turn(leader.id, queue, request))
      const [first] = await harness.currentJobs(queue)
      return {
        queue,
        runs: [leader],
        scripts: [
          enqueueToKey(queue, 'enqueue'),
          turns(leader, queue, [{ reports: [success(first.id)], room: 25 }, sleepy]),
        ],
      }
    },
  },
]
