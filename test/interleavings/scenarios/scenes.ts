import type { Harness, Token } from '../../support/harness.ts'
import { makeRun, type Run } from '../platform.ts'

/** A turn of a run that has had nothing to do for long enough. */
export const sleepy = { room: 25, sleepy: true }

/** The first turn of a run, which may put its queue to sleep until a planned job is due. */
export const firstTurn = { room: 25, back_in_ms: 60_000 }

/** Of a queue: a job that failed is due again at once. */
export const retryAtOnce = { retry_base_ms: 0, retry_max_ms: 0 }

export const success = (token: Token) => ({ token, outcome: 'success' as const })

/** A turn that is taken at once, before the interleaving begins. */
async function take(harness: Harness, queue: string, run: Run, request: Record<string, unknown>): Promise<Run> {
  run.hear(request, await harness.turn(run.id, queue, request))
  return run
}

/** A queue that a run keeps awake, with one free worker unless said otherwise. */
export async function awakeQueue(harness: Harness, settings = {}): Promise<{ queue: string; leader: Run }> {
  const queue = await harness.queue({ workers: 1, ...settings })
  const leader = await take(harness, queue, makeRun(), { room: 25 })
  await lastFor(harness, queue, '50 seconds')
  return { queue, leader }
}

/** As `awakeQueue`, with a second run that has the job of a second worker. */
export async function awakeQueueOfTwo(harness: Harness, settings = {}) {
  const { queue, leader: other, token } = await busyQueue(harness, settings)
  // The first run leaves the heartbeat to the second one.
  await harness.age('heartbeat', queue)
  const leader = await take(harness, queue, makeRun(), { room: 0 })
  await lastFor(harness, queue, '50 seconds')
  await take(harness, queue, other, { room: 0 })
  return { queue, leader, other, token }
}

/** A queue that a run keeps awake, which has the job of its only worker. */
export async function busyQueue(harness: Harness, settings = {}) {
  const { queue, leader } = await awakeQueue(harness, settings)
  await harness.job(queue)
  await take(harness, queue, leader, { room: 25 })
  const [token] = leader.holds
  return { queue, leader, token: token! }
}

/** As `busyQueue`, but the run dozes until its call returns. */
export async function dozingQueue(harness: Harness, settings = {}) {
  const { queue, leader, token } = await busyQueue(harness, settings)
  await take(harness, queue, leader, sleepy)
  return { queue, dozer: leader, token }
}

/** A sleeping queue, a job that is planned, and the run that was woken for it, which is on its way. */
export async function calledQueue(harness: Harness) {
  const queue = await harness.queue({ workers: 1 })
  const job = await harness.job(queue, { due: '14 seconds' })
  await harness.db.query('delete from net.http_request_queue')
  await lastFor(harness, queue, '50 seconds')
  return { queue, job, called: makeRun() }
}

/** A sleeping queue for which a run is to come back in eight seconds, while another was woken a moment ago. */
export async function plannedQueue(harness: Harness) {
  const { queue, leader } = await awakeQueue(harness)
  const job = await harness.job(queue, { due: '8 seconds' })
  await take(harness, queue, leader, { ...sleepy, back_in_ms: 60_000 })
  await harness.db.query('select supaqueue.cancel($1)', [job])
  // A moment that lasts, however slow the machine is.
  await harness.db.query(
    `update supaqueue.heartbeat set woken_at = clock_timestamp() + interval '30 seconds' where queue = $1`,
    [queue],
  )
  return { queue, waiter: leader }
}

/** A queue of two workers that sleeps over two due jobs. */
export async function forgottenJobs(harness: Harness): Promise<string> {
  const queue = await harness.queue({ workers: 2 })
  await take(harness, queue, makeRun(), { room: 25 })
  await harness.jobs(queue, 2)
  await harness.db.query('update supaqueue.heartbeat set run = null, awake_until = null where queue = $1', [queue])
  return queue
}

/** The next turn of the leader has to prolong the heartbeat. */
export const tire = (harness: Harness, queue: string) => lastFor(harness, queue, '3.5 seconds')

/** So that a machine that stands still for a while does not change what happens, a heartbeat lasts longer here. */
async function lastFor(harness: Harness, queue: string, time: string): Promise<void> {
  await harness.db.query(
    'update supaqueue.heartbeat set awake_until = clock_timestamp() + $2::interval where queue = $1',
    [queue, time],
  )
}
