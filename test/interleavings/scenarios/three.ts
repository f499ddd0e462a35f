import { makeRun } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { deletion, enqueue, rollback, statement, sweep, turns, woken } from '../script.ts'
import { awakeQueue, awakeQueueOfTwo, busyQueue, retryAtOnce, sleepy, success } from './scenes.ts'

/** Three sessions and more. */
export const threeSessions: Scenario[] = [
  {
    title: 'enqueue | enqueue | a run falls asleep',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      return {
        queue,
        runs: [leader],
        scripts: [enqueue(queue), enqueue(queue, { name: 'enqueue again' }), turns(leader, queue, [sleepy])],
      }
    },
  },
  {
    title: 'enqueue | enqueue rolled back | a run falls asleep',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      return {
        queue,
        runs: [leader],
        scripts: [
          enqueue(queue),
          enqueue(queue, { name: 'enqueue for nothing', end: rollback }),
          turns(leader, queue, [sleepy]),
        ],
      }
    },
  },
  {
    title: 'enqueue | the leader falls asleep | another run frees the only worker',
    large: true,
    async set(harness) {
      const { queue, leader, other, token } = await awakeQueueOfTwo(harness)
      return {
        queue,
        runs: [leader, other],
        scripts: [
          enqueue(queue),
          turns(leader, queue, [sleepy], { name: 'leader' }),
          turns(other, queue, [{ reports: [success(token)], room: 25 }], { name: 'other' }),
        ],
      }
    },
  },
  {
    title: 'enqueue | the leader, with its heartbeat run out, falls asleep | sweep',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.age('heartbeat', queue)
      return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [sleepy]), sweep()] }
    },
  },
  {
    title: 'enqueue | a run takes a turn | the queue is deleted',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.job(queue)
      return {
        queue,
        runs: [leader],
        scripts: [
          enqueue(queue, { mayBeRefused: ['23503'] }),
          turns(leader, queue, [{ room: 25 }]),
          deletion(queue),
        ],
      }
    },
  },
  {
    title: 'enqueue | a run reports | and reports in a turn beside',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness, { workers: 2 })
      await harness.jobs(queue, 2)
      leader.hear({}, await harness.turn(leader.id, queue, { room: 25 }))
      const [first, second] = [...leader.holds].map((token) => ({ reports: [success(token)], room: 12 }))
      return {
        queue,
        runs: [leader],
        scripts: [
          enqueue(queue),
          turns(leader, queue, [first!], { name: 'run' }),
          turns(leader, queue, [second!], { name: 'beside' }),
        ],
      }
    },
  },
  {
    title: 'one job reported by two turns | and taken back by sweep',
    large: true,
    async set(harness) {
      const { queue, leader, token } = await busyQueue(harness, retryAtOnce)
      await harness.age('current_job', queue)
      const report = [{ reports: [success(token)], room: 25 }]
      return {
        queue,
        runs: [leader],
        scripts: [
          turns(leader, queue, report, { name: 'first' }),
          turns(leader, queue, report, { name: 'second' }),
          sweep(),
        ],
      }
    },
  },
  {
    title: 'enqueue | the leader falls asleep | the run that is woken comes | somebody lets the worker go',
    large: true,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      const called = makeRun()
      const hold = statement('holder', `select from supaqueue.worker where queue = '${queue}' for update`, {
        reads: ['worker'],
        locks: ['worker'],
      }, { end: rollback, headStart: true })
      return {
        queue,
        runs: [leader, called],
        scripts: [
          enqueue(queue),
          turns(leader, queue, [sleepy], { name: 'leader' }),
          turns(called, queue, [{ room: 25 }], { name: 'called', when: woken(harness, queue) }),
          hold,
        ],
      }
    },
  },
]
