import type pg from 'pg'
import type { Book } from './book.ts'
import type { Crowd, Visit, Visits } from './visits.ts'

/** Where what was promised, what the function saw and what the tables say do not go together. All empty: it does. */
export type Findings = {
  /** Committed, its queue still there, and the function never saw it, or its row is gone. */
  neverRan: number[]
  /** Not at an end, or not at the one its order must have. */
  wrongEnd: { job: number; status: string; error: string | null }[]
  /** Seen by the function, and never committed. */
  neverCommitted: number[]
  /** More calls at once than the queue had workers, those whose outcome is unknown left out. */
  crowds: Crowd[]
  /** Workers still marked as busy. */
  lockedWorkers: string[]
}

/** A job that the function saw more than once. */
export type Repeat = { job: number; visits: Visit[] }

export type Audit = {
  findings: Findings
  repeats: Repeat[]
  /** How many jobs ended how; `gone`: with their queue. */
  ends: { success: number; failed: number; gone: number }
}

type Row = { id: number; status: string; attempts: number; error: string | null }

/** Compares the book, the visits and the tables, once everything has settled. */
export async function audit(
  db: pg.Client,
  book: Book,
  visits: Visits,
  isUnknown: (visit: Visit) => boolean = () => false,
): Promise<Audit> {
  const rows = new Map((await readJobs(db)).map((row) => [row.id, row]))
  const living = new Set((await db.query<{ id: string }>('select id from supaqueue.queue')).rows.map(({ id }) => id))
  const jobs = book.jobs()
  const lasting = [...jobs.values()].filter((job) => living.has(job.queue))
  const ended = (status: string) => lasting.filter((job) => rows.get(job.id)?.status === status).length
  const { rows: locked } = await db.query<{ id: string }>('select id from supaqueue.worker where locked')

  return {
    findings: {
      neverRan: lasting.filter(({ id }) => !rows.has(id) || visits.of(id).length === 0).map(({ id }) => id),
      wrongEnd: lasting.flatMap(({ id, order }) => {
        const { status = 'gone', error = null } = rows.get(id) ?? {}
        return status === (order.do === 'fail' ? 'failed' : 'success') ? [] : [{ job: id, status, error }]
      }),
      neverCommitted: [...visits.all()].map(([job]) => job).filter((job) => !jobs.has(job)),
      crowds: visits.crowds().filter(({ workers, inside }) =>
        inside.filter((visit) => !isUnknown(visit)).length > workers
      ),
      lockedWorkers: locked.map(({ id }) => id),
    },
    repeats: [...visits.all()]
      .filter(([, seen]) => seen.length > 1)
      .map(([job, seen]) => ({ job, visits: seen })),
    ends: { success: ended('success'), failed: ended('failed'), gone: jobs.size - lasting.length },
  }
}

async function readJobs(db: pg.Client): Promise<Row[]> {
  const { rows } = await db.query<Row>('select id, status::text, attempts, error from supaqueue.job')
  return rows.map((row) => ({ ...row, id: Number(row.id) }))
}
