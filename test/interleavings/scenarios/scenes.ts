import type { House, Token } from '../../support/house.ts'
import { makeRun, type Run } from '../platform.ts'

/** A turn of a run that has had nothing to do for long enough. */
export const sleepy = { room: 25, sleepy: true }

/** Of a queue: a job that failed is due again at once. */
export const retryAtOnce = { retry_base_ms: 0, retry_max_ms: 0 }

export const success = (token: Token) => ({ token, outcome: 'success' as const })

/** A turn that is taken at once, before the interleaving begins. */
async function take(house: House, queue: string, run: Run, request: Record<string, unknown>): Promise<Run> {
  run.hear(request, await house.turn(run.id, queue, request))
  return run
}

/** A queue that a run keeps awake, with one free worker unless said otherwise. */
export async function awakeQueue(house: House, settings = {}): Promise<{ queue: string; leader: Run }> {
  const queue = await house.queue({ workers: 1, ...settings })
  const leader = await take(house, queue, makeRun(), { room: 25 })
  await lastFor(house, queue, '50 seconds')
  return { queue, leader }
}

/** As `awakeQueue`, with a second run that has the job of a second worker. */
export async function awakeQueueOfTwo(house: House, settings = {}) {
  const { queue, leader: other, token } = await busyQueue(house, settings)
  // The first run leaves the heartbeat to the second one.
  await house.age('heartbeat', queue)
  const leader = await take(house, queue, makeRun(), { room: 0 })
  await lastFor(house, queue, '50 seconds')
  await take(house, queue, other, { room: 0 })
  return { queue, leader, other, token }
}

/** A queue that a run keeps awake, which has the job of its only worker. */
export async function busyQueue(house: House, settings = {}) {
  const { queue, leader } = await awakeQueue(house, settings)
  await house.job(queue)
  await take(house, queue, leader, { room: 25 })
  const [token] = leader.holds
  return { queue, leader, token: token! }
}

/** As `busyQueue`, but the run dozes until its call returns. */
export async function dozingQueue(house: House, settings = {}) {
  const { queue, leader, token } = await busyQueue(house, settings)
  await take(house, queue, leader, sleepy)
  return { queue, dozer: leader, token }
}

/** A queue of two workers that sleeps over two due jobs. */
export async function forgottenJobs(house: House): Promise<string> {
  const queue = await house.queue({ workers: 2 })
  await take(house, queue, makeRun(), { room: 25 })
  await house.jobs(queue, 2)
  await house.db.query('update supaqueue.heartbeat set run = null, awake_until = null where queue = $1', [queue])
  return queue
}

/** The next turn of the leader has to prolong the heartbeat. */
export const tire = (house: House, queue: string) => lastFor(house, queue, '3.5 seconds')

/** So that a machine that stands still for a while does not change what happens, a heartbeat lasts longer here. */
async function lastFor(house: House, queue: string, time: string): Promise<void> {
  await house.db.query(
    'update supaqueue.heartbeat set awake_until = clock_timestamp() + $2::interval where queue = $1',
    [queue, time],
  )
}
