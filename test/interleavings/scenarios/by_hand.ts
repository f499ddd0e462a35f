import type { Harness, Token } from '../../support/harness.ts'
import type { Run } from '../platform.ts'
import type { Scenario } from '../rehearse.ts'
import { type Script, statement, sweep, turns } from '../script.ts'
import { busyQueue, retryAtOnce, success } from './scenes.ts'

type Busy = { queue: string; leader: Run; token: Token; job: number; worker: string }

/** What a user can do by hand to one job in progress, and to what belongs to it. */
const byHand: Record<string, (busy: Busy) => string> = {
  'its worker is unlocked': ({ worker }) => `update supaqueue.worker set locked = false where id = '${worker}'`,
  'its worker is deleted': ({ worker }) => `delete from supaqueue.worker where id = '${worker}'`,
  'the job is cancelled': ({ job }) => `update supaqueue.job set status = 'cancelled' where id = ${job}`,
  'the job is deleted': ({ job }) => `delete from supaqueue.job where id = ${job}`,
  'its current job is deleted': ({ token }) => `delete from supaqueue.current_job where id = '${token}'`,
  'its current job is ended': ({ token }) => `select public.end_current_job('${token}', true, true)`,
  'its queue is deleted': ({ queue }) => `delete from supaqueue.queue where id = '${queue}'`,
}

/** What supaqueue does with it meanwhile. */
const byItself: Record<string, (busy: Busy) => Script> = {
  'its run reports it': ({ queue, leader, token }) => turns(leader, queue, [{ reports: [success(token)], room: 25 }]),
  'sweep takes it back': () => sweep(),
}

/** A queue with a job in progress on its only worker, whose lease ran out, and a job that waits for the worker. */
async function busy(harness: Harness): Promise<Busy> {
  const { queue, leader, token } = await busyQueue(harness, retryAtOnce)
  const [{ job, worker }] = await harness.currentJobs(queue)
  await harness.job(queue)
  await harness.age('current_job', queue)
  return { queue, leader, token, job, worker }
}

/** These lock the worker or the current job before the job, and so must not wait for it. Whatever else is done waits. */
const refusable = ['its worker is unlocked', 'its current job is deleted', 'its current job is ended']

const act = (name: string, scene: Busy): Script => {
  const mayBeRefused = refusable.includes(name) ? ['SQ404', 'SQ409'] : undefined
  return statement(name, byHand[name]!(scene), { all: true }, { mayBeRefused })
}

const scenario = (one: string, other: string, script: (busy: Busy) => Script, large = false): Scenario => ({
  title: `${one} | ${other}`,
  large,
  async set(harness) {
    const scene = await busy(harness)
    return { queue: scene.queue, runs: [scene.leader], scripts: [act(one, scene), script(scene)] }
  },
})

const names = Object.keys(byHand)

/** Of two who do something to the same job by hand, and of one and supaqueue itself, every pair. */
export const twoByHand: Scenario[] = names.flatMap((one, nth) => [
  ...names.slice(nth).map((other) =>
    scenario(one, other, (scene) => ({ ...act(other, scene), name: one === other ? `${other} again` : other }))
  ),
  ...Object.entries(byItself).map(([other, script]) => scenario(one, other, script, true)),
])
