import type pg from 'pg'
import type { Stack } from '../../scripts/dev/stack.ts'
import type { Recorder } from '../../scripts/soak/recorder.ts'
import type { Visit } from '../../scripts/soak/visits.ts'
import { until } from '../support/until.ts'

/** What the dead had in their hands when their leases ran out, and when that was. */
export type Buried = { job: number; attempt: number; at: number }

const buried: Buried[] = []

/**
 * Whether a visit is of a call that a dead process had sent, and that came once its lease had run out: on a busy machine it may
 * have been on its way for that long. Nobody can keep it from coming, so it breaks no order. It is known by a later attempt
 * of the job that came before it.
 */
export const cameLate = (visit: Visit, visits: Visit[], of: Buried[] = buried): boolean =>
  of.some(({ job, attempt, at }) => job === visit.job && attempt === visit.attempt && visit.cameAt >= at) &&
  visits.some(({ attempt, cameAt }) => attempt > visit.attempt && cameAt < visit.cameAt)

/**
 * Kills the edge function that dispatches, and returns the jobs it had then: whose call was begun, and whose report has not come. Their
 * leases are made to have run out, so that nobody has to wait for that.
 */
export async function killDispatcher(stack: Stack, recorder: Recorder, admin: pg.Client): Promise<number[]> {
  const net = stack.net!
  // No new run until its predecessors' rows have been read.
  await net.pause()
  await stack.edge.killFunction('supaqueue')
  await until(async () => (await turnsUnderWay(admin)) === 0)

  // Those of a process that stays are not its own.
  const jobs = await bury(
    stack,
    recorder,
    admin,
    `not exists (
      select from supaqueue.process
      where process.lease_until > clock_timestamp() and left(process.id::text, 13) = left(current_job.dispatcher::text, 13)
    )`,
  )
  net.resume()
  await admin.query('select supaqueue.sweep()')
  return jobs
}

/** The same of a process that stays, the one that began last. */
export async function killProcess(
  process: { kill(): Promise<void> },
  stack: Stack,
  recorder: Recorder,
  admin: pg.Client,
): Promise<number[]> {
  const { rows: [known] } = await admin.query<{ id: string }>(
    'select id from supaqueue.process order by begun_at desc limit 1',
  )
  await process.kill()
  // What it had asked for is done, whoever hears the answer.
  await until(async () => {
    const { rows: [found] } = await admin.query(
      `select count(*)::int from pg_stat_activity where application_name like 'supaqueue work%' and state <> 'idle'`,
    )
    return found.count === 0
  })
  const jobs = await bury(stack, recorder, admin, 'left(current_job.dispatcher::text, 13) = left($1, 13)', known!.id)
  await admin.query('select supaqueue.sweep()')
  return jobs
}

/** Ends the leases of the dead once their calls are over. */
async function bury(
  stack: Stack,
  recorder: Recorder,
  admin: pg.Client,
  whose: string,
  ...values: string[]
): Promise<number[]> {
  const { rows } = await admin.query<{ id: string; job: string; attempts: number }>(
    `select current_job.id, current_job.job, job.attempts
     from supaqueue.current_job join supaqueue.job on job.id = current_job.job
     where dispatcher is not null and ${whose}`,
    values,
  )
  // The calls outlive their caller, and some may still be on their way: they come before what is sent now.
  for (let time = 0; time < 2; time++) {
    await new Promise<void>((heard, refuse) => void recorder.mark(`${stack.apiUrl}/functions/v1`, heard).catch(refuse))
  }
  // While one is at work, its lease has not run out.
  await until(() =>
    Promise.resolve(rows.every(({ job }) => recorder.visits.of(Number(job)).every((visit) => visit.wentAt)))
  )
  const at = Date.now()
  buried.push(...rows.map(({ job, attempts }) => ({ job: Number(job), attempt: attempts, at })))
  await admin.query('update supaqueue.current_job set lease_until = now() where id = any ($1)', [
    rows.map(({ id }) => id),
  ])
  return rows.map(({ job }) => Number(job))
}

async function turnsUnderWay(admin: pg.Client): Promise<number> {
  const { rows: [found] } = await admin.query(
    `select count(*)::int from pg_stat_activity
     where state <> 'idle'
       and (usename = 'authenticator' and query like '%supaqueue_turn%' or application_name = 'supaqueue dispatcher')`,
  )
  return found.count
}
