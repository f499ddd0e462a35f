import { setTimeout as pause } from 'node:timers/promises'
import { type Hand, type Line, makeQueue } from '../fleet.ts'

// What users do to queues, workers and rows while jobs run.

/** Holds a job's row for a while, wherever the job is on its way. */
export async function holdJob({ db, random, book }: Hand): Promise<void> {
  const job = book.lately(random.pick)
  await hold(db, random.between(50, 400), 'select from supaqueue.job where id = $1 for update', [job])
}

/** Holds the row of a worker, free or busy. */
export async function holdWorker({ db, random, fleet }: Hand): Promise<void> {
  const line = random.pick(fleet.lines)
  const sql = 'select from supaqueue.worker where queue = $1 order by random() limit 1 for update'
  await hold(db, random.between(50, 400), sql, [line.id])
}

/** Looks for work by hand, beside all the others who do. */
export async function processJobs({ db, random, fleet }: Hand): Promise<void> {
  await db.query('select supaqueue.process_jobs(id) from supaqueue.queue where id = $1', [random.pick(fleet.lines).id])
}

/** Pauses a queue for a moment. */
export async function pauseAndResume({ db, random, fleet }: Hand): Promise<void> {
  const { id } = random.pick(fleet.ofKind('steady'))
  await db.query('update supaqueue.queue set paused = true where id = $1', [id])
  await pause(random.between(50, 300))
  await db.query('update supaqueue.queue set paused = false where id = $1', [id])
}

/** Adds a worker, or deletes one, busy or not. For one client at a time, lest the last worker go. */
export async function resize(hand: Hand): Promise<void> {
  const lines = hand.fleet.ofKind('elastic')
  if (lines.length === 0) return
  const line = hand.random.pick(lines)
  if (hand.random.chance(line.workers / 8)) await deleteWorker(hand, line)
  else await addWorker(hand, line)
}

/** Deletes a queue with all that is in it, and makes it again under the same name. For one client at a time. */
export async function rebirth({ db, random, fleet, visits }: Hand): Promise<void> {
  const lines = fleet.ofKind('mortal')
  if (lines.length === 0) return
  const line = random.pick(lines)
  // By name: a connection that broke here may have left one whose id nobody learnt.
  await db.query('delete from supaqueue.queue where name = $1', [line.plan.name])
  line.id = await makeQueue(db, visits, line.plan)
}

async function addWorker({ db, visits }: Hand, line: Line): Promise<void> {
  visits.addWorkers(line.id, 1)
  line.workers++
  await db.query('insert into supaqueue.worker (queue) values ($1)', [line.id])
}

async function deleteWorker({ db, visits, mark }: Hand, line: Line): Promise<void> {
  let job: number | undefined
  await db.query('begin')
  try {
    // Counted anew: a connection that broke may have left more or fewer than anybody knows.
    const { rows: [worker] } = await db.query(
      `select id from supaqueue.worker
       where queue = $1 and (select count(*) from supaqueue.worker where queue = $1) > 1
       order by random() limit 1 for update skip locked`,
      [line.id],
    )
    if (worker) {
      // While its row is held, a worker neither gets a job nor gets rid of one.
      const { rows } = await db.query('select job from supaqueue.current_job where worker = $1', [worker.id])
      job = rows[0] && Number(rows[0].job)
      await db.query('delete from supaqueue.worker where id = $1', [worker.id])
    }
    await db.query('commit')
    if (!worker) return
  } catch (reason) {
    await db.query('rollback').catch(() => {})
    throw reason
  }
  line.workers--
  await mark(() => {
    visits.addWorkers(line.id, -1)
    if (job !== undefined) visits.excuse(job)
  })
}

async function hold(db: Hand['db'], ms: number, sql: string, values: unknown[]): Promise<void> {
  await db.query('begin')
  try {
    await db.query(sql, values)
    await pause(ms)
  } finally {
    await db.query('rollback').catch(() => {})
  }
}
