import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type Harness, test } from '../support/harness.ts'
import { pipeline } from '../support/pipeline.ts'
import { until } from '../support/until.ts'

// Many sources end at the same moment in the turns of many runs, while users hold targets, cancel sources and change
// their minds. Nothing sweeps. Whoever waits for a lock for long fails, and so does whoever is part of a deadlock.

const queues = 4
const targets = 12
const sourcesEach = 30
const runsEach = 3

test('a storm of sources that end at once lets every target go exactly once, after all of its sources', async ({ harness, another }) => {
  const { insert } = pipeline(harness)
  const names: string[] = []
  for (let i = 0; i < queues; i++) names.push(await harness.queue({ workers: 15 }))
  const last = await harness.queue({ workers: targets })
  const wanted: number[] = []
  for (let i = 0; i < targets; i++) wanted.push(await harness.job(last, { status: 'held' }))

  // Every source has three targets, so that turns meet at several targets in different orders.
  await harness.begin()
  for (const queue of names) {
    const sources = await harness.jobs(queue, targets * sourcesEach / queues / 3)
    await insert(
      ...sources.flatMap((source, i) =>
        [0, 1, 5].map((step) => [source, wanted[(i + step) % targets]!] as [number, number])
      ),
    )
  }
  await harness.commit()
  await harness.db.query(`update supaqueue.job_dependency set on_failure = 'run'`)

  const tooEarly: number[] = []
  let done = 0
  const over = () => done === targets

  const work = async (session: Harness, queue: string) => {
    await session.db.query(`set lock_timeout = '3s'`)
    const run = randomUUID()
    let reports: { token: string; outcome: 'success' | 'killed' }[] = []
    while (!over()) {
      const answer = await session.turn(run, queue, { reports, room: 5 })
      reports = [
        ...reports.filter(({ token }) => answer.again.includes(token)),
        ...answer.jobs.map(({ current_job, job }) => ({
          token: current_job.id,
          outcome: job.id % 7 === 0 ? 'killed' as const : 'success' as const,
        })),
      ]
    }
  }

  const finish = async (session: Harness) => {
    const run = randomUUID()
    let reports: { token: string; outcome: 'success' }[] = []
    while (!over()) {
      const answer = await session.turn(run, last, { reports, room: 25 })
      // A user who holds the row of a job has its report brought again.
      done += reports.length - answer.again.length
      for (const { job } of answer.jobs) {
        const { rows: [{ unfinished }] } = await session.db.query(
          `select count(*) as unfinished from supaqueue.job_dependency
           join supaqueue.job on job.id = source
           where target = $1 and (ended_as is null or job.status < 'success')`,
          [job.id],
        )
        if (unfinished > 0) tooEarly.push(job.id)
      }
      const taken = answer.jobs.map(({ current_job }) => current_job.id)
      reports = [...answer.again, ...taken].map((token) => ({ token, outcome: 'success' }))
    }
  }

  const admin = await another('admin')
  /** Whether anybody has met a row that another held. */
  const met = async (): Promise<boolean> =>
    (await admin.db.query('select last_value > 1 as met from supaqueue.unsettled_id_seq')).rows[0].met

  const hold = async (session: Harness, step: number) => {
    await session.begin()
    await session.update('job', wanted[step % targets]!, { priority: step })
  }

  /** Of a session that holds the first. Whose sources end then meets it: by chance alone, nobody may. */
  const disturb = async (session: Harness) => {
    await until(met)
    for (let step = 1; !over(); step++) {
      if (step > 1) await hold(session, step)
      await session.db.query(
        `update supaqueue.job set status = 'cancelled'
         where id = (select id from supaqueue.job where status = 'pending' and queue <> $1 limit 1 for update skip locked)`,
        [last],
      )
      await (step % 3 === 0 ? session.rollback() : session.commit())
    }
  }

  const disturber = await another()
  await hold(disturber, 1)
  const sessions: Promise<unknown>[] = []
  for (const queue of names) {
    for (let i = 0; i < runsEach; i++) sessions.push(work(await another(), queue))
  }
  sessions.push(finish(await another()), disturb(disturber))
  await Promise.all(sessions)

  expect(tooEarly).toEqual([])
  const { rows: ended } = await harness.db.query(
    'select distinct status, attempts, waits_for from supaqueue.job where queue = $1',
    [last],
  )
  expect(ended).toEqual([{ status: 'success', attempts: 1, waits_for: 0 }])
  const { rows: open } = await harness.db.query('select * from supaqueue.job_dependency where ended_as is null')
  expect(open).toEqual([])

  // Had nobody met a row that another held, this would prove nothing.
  expect(await met()).toBe(true)
})
