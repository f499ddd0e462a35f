import { setTimeout as pause } from 'node:timers/promises'
import { type Deps, type LoadQueue, makeQueue } from '../load_queues.ts'

// What users do to queues, workers and rows while jobs run.

/** Holds a job's row for a while, wherever the job is on its way. */
export async function holdJob({ db, random, book }: Deps): Promise<void> {
  const job = book.lately(random.pick)
  await hold(db, random.between(50, 400), 'select from supaqueue.job where id = $1 for update', [job])
}

/** Holds the row of a worker, free or busy. */
export async function holdWorker({ db, random, queues }: Deps): Promise<void> {
  const queue = random.pick(queues.all)
  const sql = 'select from supaqueue.worker where queue = $1 order by random() limit 1 for update'
  await hold(db, random.between(50, 400), sql, [queue.id])
}

/** Looks for work by hand, beside all the others who do. */
export async function processJobs({ db, random, queues }: Deps): Promise<void> {
  await db.query('select supaqueue.process_jobs(id) from supaqueue.queue where id = $1', [random.pick(queues.all).id])
}

/** Pauses a queue for a moment. */
export async function pauseAndResume({ db, random, queues }: Deps): Promise<void> {
  const { id } = random.pick(queues.ofKind('fixed'))
  await db.query('update supaqueue.queue set paused = true where id = $1', [id])
  await pause(random.between(50, 300))
  await db.query('update supaqueue.queue set paused = false where id = $1', [id])
}

/** Adds a worker, or deletes one, busy or not. For one client at a time, lest the last worker go. */
export async function resize(deps: Deps): Promise<void> {
  const candidates = deps.queues.ofKind('resized')
  if (candidates.length === 0) return
  const queue = deps.random.pick(candidates)
  if (deps.random.chance(queue.workers / 8)) await deleteWorker(deps, queue)
  else await addWorker(deps, queue)
}

/** Deletes a queue with all that is in it, and makes it again under the same name. For one client at a time. */
export async function recreate({ db, random, queues, visits }: Deps): Promise<void> {
  const candidates = queues.ofKind('recreated')
  if (candidates.length === 0) return
  const queue = random.pick(candidates)
  // By name: a connection that broke here may have left one whose id nobody learnt.
  await db.query('delete from supaqueue.queue where name = $1', [queue.plan.name])
  queue.id = await makeQueue(db, visits, queue.plan)
}

async function addWorker({ db, visits }: Deps, queue: LoadQueue): Promise<void> {
  visits.addWorkers(queue.id, 1)
  queue.workers++
  await db.query('insert into supaqueue.worker (queue) values ($1)', [queue.id])
}

async function deleteWorker({ db, visits, mark }: Deps, queue: LoadQueue): Promise<void> {
  let job: number | undefined
  await db.query('begin')
  try {
    // Counted anew: a connection that broke may have left more or fewer than anybody knows.
    const { rows: [worker] } = await db.query(
      `select id from supaqueue.worker
       where queue = $1 and (select count(*) from supaqueue.worker where queue = $1) > 1
       order by random() limit 1 for update skip locked`,
      [queue.id],
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
  queue.workers--
  await mark(() => {
    visits.addWorkers(queue.id, -1)
    if (job !== undefined) visits.excuse(job)
  })
}

async function hold(db: Deps['db'], ms: number, sql: string, values: unknown[]): Promise<void> {
  await db.query('begin')
  try {
    await db.query(sql, values)
    await pause(ms)
  } finally {
    await db.query('rollback').catch(() => {})
  }
}
