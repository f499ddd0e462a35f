import { makeRun } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { deletion, enqueue, processJobs, statement, sweep, turns } from '../script.ts'
import {
  awakeQueue,
  busyQueue,
  calledQueue,
  dozingQueue,
  firstTurn,
  forgottenJobs,
  plannedQueue,
  retryAtOnce,
  sleepy,
  success,
  tire,
} from './scenes.ts'

/** Two sessions. */
export const twoSessions: Scenario[] = [
  {
    title: 'enqueue | a run falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'enqueue | a run prolongs the heartbeat, then falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await tire(harness, queue)
      return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [sleepy])] }
    },
  },
  ...(['repeatable read', 'serializable'] as const).map((isolation): Scenario => ({
    title: `enqueue, ${isolation} | a run falls asleep`,
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      return { queue, runs: [leader], scripts: [enqueue(queue, { isolation }), turns(leader, queue, [sleepy])] }
    },
  })),
  {
    title: 'enqueue | enqueue, nobody awake',
    large: true,
    async set(harness) {
      const queue = await harness.queue({ workers: 1 })
      return { queue, runs: [], scripts: [enqueue(queue), enqueue(queue, { name: 'enqueue again' })] }
    },
  },
  {
    title: 'enqueue | a run reports, freeing the only worker, then falls asleep',
    async set(harness) {
      const { queue, leader, token } = await busyQueue(harness)
      const report = { reports: [success(token)], room: 25 }
      return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [report, sleepy])] }
    },
  },
  {
    title: 'enqueue | a dozing run reports, freeing the only worker',
    async set(harness) {
      const { queue, dozer, token } = await dozingQueue(harness)
      return {
        queue,
        runs: [dozer],
        scripts: [enqueue(queue), turns(dozer, queue, [{ reports: [success(token)], room: 25 }])],
      }
    },
  },
  {
    title: 'enqueue | end_current_job by hand frees the only worker',
    async set(harness) {
      const { queue, dozer, token } = await dozingQueue(harness)
      const end = statement('by hand', `select public.end_current_job('${token}', true, true)`, {})
      return { queue, runs: [dozer], scripts: [enqueue(queue), end] }
    },
  },
  {
    title: 'end_current_job by hand frees the only worker | a run falls asleep beside a due job',
    async set(harness) {
      const { queue, dozer, token } = await dozingQueue(harness)
      await harness.job(queue)
      await harness.db.query('delete from net.http_request_queue')
      const called = makeRun()
      const end = statement('by hand', `select public.end_current_job('${token}', true, true)`, {})
      return {
        queue,
        runs: [dozer, called],
        scripts: [end, turns(called, queue, [sleepy], { name: 'called' })],
      }
    },
  },
  {
    title: 'end_current_job by hand | its run reports the same job',
    large: true,
    async set(harness) {
      const { queue, leader, token } = await busyQueue(harness, retryAtOnce)
      const end = statement('by hand', `select public.end_current_job('${token}', true, false)`, { all: true }, {
        mayBeRefused: ['SQ404', 'SQ409'],
      })
      const report = turns(leader, queue, [{ reports: [success(token)], room: 25 }])
      return { queue, runs: [leader], scripts: [end, report] }
    },
  },
  {
    title: 'process_jobs by hand | a run takes a turn',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.job(queue)
      return { queue, runs: [leader], scripts: [processJobs(queue), turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'process_jobs by hand | enqueue, nobody awake',
    large: true,
    async set(harness) {
      const queue = await harness.queue({ workers: 1 })
      return { queue, runs: [], scripts: [processJobs(queue), enqueue(queue)] }
    },
  },
  {
    title: 'process_jobs by hand | process_jobs by hand, of the same two jobs',
    async set(harness) {
      const queue = await forgottenJobs(harness)
      return { queue, runs: [], scripts: [processJobs(queue), { ...processJobs(queue), name: 'by another hand' }] }
    },
  },
  {
    title: 'process_jobs by hand | sweep',
    async set(harness) {
      const queue = await forgottenJobs(harness)
      return { queue, runs: [], scripts: [processJobs(queue), sweep()] }
    },
  },
  {
    title: 'process_jobs by hand | the queue is deleted',
    large: true,
    async set(harness) {
      const queue = await forgottenJobs(harness)
      return { queue, runs: [], scripts: [processJobs(queue, { mayBeRefused: ['SQ404'] }), deletion(queue)] }
    },
  },
  {
    title: 'enqueue | the queue is deleted',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      return { queue, runs: [leader], scripts: [enqueue(queue, { mayBeRefused: ['23503'] }), deletion(queue)] }
    },
  },
  {
    title: 'a run takes a turn | the queue is deleted',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.job(queue)
      return { queue, runs: [leader], scripts: [turns(leader, queue, [{ room: 25 }]), deletion(queue)] }
    },
  },
  {
    title: 'a worker is added | a run falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness, { workers: 0 })
      await harness.job(queue)
      const add = statement('add', `insert into supaqueue.worker (queue) values ('${queue}')`, { adds: ['worker'] })
      return { queue, runs: [leader], scripts: [add, turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'the queue is resumed | a run falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness, { paused: true })
      await harness.job(queue)
      const resume = statement('resume', `update supaqueue.queue set paused = false where id = '${queue}'`, {
        locks: ['queue'],
      })
      return { queue, runs: [leader], scripts: [resume, turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'the queue is resumed | a run falls asleep beside a job that was paired before the pause',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.job(queue)
      await harness.db.query('select supaqueue.process_jobs($1)', [queue])
      await harness.db.query('update supaqueue.queue set paused = true where id = $1', [queue])
      await harness.db.query('delete from net.http_request_queue')
      const resume = statement('resume', `update supaqueue.queue set paused = false where id = '${queue}'`, {
        locks: ['queue'],
      })
      return { queue, runs: [leader], scripts: [resume, turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'the queue is resumed, nobody awake, beside a job that was paired before the pause',
    async set(harness) {
      const queue = await harness.queue({ workers: 1 })
      await harness.job(queue)
      await harness.db.query('update supaqueue.queue set paused = true where id = $1', [queue])
      const called = makeRun()
      called.hear({}, await harness.turn(called.id, queue, { room: 25 }))
      await harness.sleep(queue, called.id).catch(() => {})
      await harness.db.query('delete from net.http_request_queue')
      const resume = statement('resume', `update supaqueue.queue set paused = false where id = '${queue}'`, {
        locks: ['queue'],
      })
      return { queue, runs: called.holds.size > 0 ? [called] : [], scripts: [resume] }
    },
  },
  {
    title: 'a held job is put back | a run falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      const job = await harness.job(queue, { status: 'held' })
      const putBack = statement('put back', `update supaqueue.job set status = 'pending' where id = ${job}`, {
        locks: ['job'],
      })
      return { queue, runs: [leader], scripts: [putBack, turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'a planned job is moved to now | a run falls asleep',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      const job = await harness.job(queue, { due: '1 hour' })
      const move = statement('move', `update supaqueue.job set run_at = now() where id = ${job}`, {
        locks: ['job'],
        clock: 'sets',
      })
      return { queue, runs: [leader], scripts: [move, turns(leader, queue, [sleepy])] }
    },
  },
  {
    title: 'enqueue | the run that comes for a planned job sleeps until then',
    timed: true,
    async set(harness) {
      const { queue, called } = await calledQueue(harness)
      return { queue, runs: [called], scripts: [enqueue(queue), turns(called, queue, [firstTurn])] }
    },
  },
  {
    title: 'a planned job is moved to now | the run that comes for it sleeps until then',
    timed: true,
    async set(harness) {
      const { queue, job, called } = await calledQueue(harness)
      const move = statement('move', `update supaqueue.job set run_at = now() where id = ${job}`, {
        locks: ['job'],
        clock: 'sets',
      })
      return { queue, runs: [called], scripts: [move, turns(called, queue, [firstTurn])] }
    },
  },
  ...['stop', 'retire'].map((end): Scenario => ({
    title: `a job is planned for later | the run that is to come back hands over: ${end}`,
    async set(harness) {
      const { queue, waiter } = await plannedQueue(harness)
      return {
        queue,
        runs: [waiter],
        scripts: [enqueue(queue, { due: '12 seconds' }), turns(waiter, queue, [{ [end]: true }])],
      }
    },
  })),
  ...['stop', 'retire'].flatMap((end): Scenario[] => [
    {
      title: `enqueue | the leader hands over: ${end}`,
      async set(harness) {
        const { queue, leader } = await awakeQueue(harness)
        return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [{ [end]: true }])] }
      },
    },
    {
      title: `enqueue | the leader reports and hands over: ${end}`,
      async set(harness) {
        const { queue, leader, token } = await busyQueue(harness)
        const last = { reports: [success(token)], [end]: true }
        return { queue, runs: [leader], scripts: [enqueue(queue), turns(leader, queue, [last])] }
      },
    },
  ]),
  {
    title: 'a report frees the only worker | sweep takes the same job back',
    async set(harness) {
      const { queue, leader, token } = await busyQueue(harness, retryAtOnce)
      await harness.age('current_job', queue)
      const report = turns(leader, queue, [{ reports: [success(token)], room: 25 }])
      return { queue, runs: [leader], scripts: [report, sweep()] }
    },
  },
  {
    title: 'enqueue | sweep takes back the job of the only worker',
    large: true,
    async set(harness) {
      const { queue, dozer } = await dozingQueue(harness, retryAtOnce)
      await harness.age('current_job', queue)
      return { queue, runs: [dozer], scripts: [enqueue(queue), sweep()] }
    },
  },
  {
    title: 'sweep takes back a claim that no run came for | a run comes',
    large: true,
    async set(harness) {
      const queue = await harness.queue({ workers: 1 })
      await harness.job(queue)
      await harness.age('current_job', queue)
      await harness.db.query('delete from net.http_request_queue')
      const called = makeRun()
      return { queue, runs: [called], scripts: [sweep(), turns(called, queue, [{ room: 25 }])], keepsClaims: true }
    },
  },
  {
    title: 'two runs come for one wake-up, nobody awake',
    async set(harness) {
      const queue = await harness.queue({ workers: 1 })
      await harness.job(queue)
      const [first, second] = [makeRun(), makeRun()]
      await harness.db.query('delete from net.http_request_queue')
      return {
        queue,
        runs: [first, second],
        scripts: [
          turns(first, queue, [{ room: 25 }], { name: 'first' }),
          turns(second, queue, [{ room: 25 }], { name: 'second' }),
        ],
      }
    },
  },
  {
    title: 'a leader whose heartbeat ran out falls asleep | another run comes',
    async set(harness) {
      const { queue, leader } = await awakeQueue(harness)
      await harness.job(queue)
      await harness.age('heartbeat', queue)
      const other = makeRun()
      return {
        queue,
        runs: [leader, other],
        scripts: [turns(leader, queue, [sleepy], { name: 'late' }), turns(other, queue, [{ room: 25 }])],
      }
    },
  },
]
