import type pg from 'pg'
import type { Book, Inserted } from './book.ts'
import { countCalls, type Crowd, type Visit, type Visits } from './visits.ts'

/** Where what was promised, what the function saw and what the tables say do not go together. All empty: it does. */
export type Findings = {
  /** Committed, its queue still there, and the function never saw it, or its row is gone. */
  neverRan: number[]
  /** Not at an end, or not at the one its order must have. */
  wrongEnd: { job: number; status: string; attempts: number; error: string | null }[]
  /** Seen by the function, and never committed. */
  neverCommitted: number[]
  /** More calls at once than the queue had workers, those whose outcome is unknown left out. */
  crowds: Crowd[]
  /** Seen by the function before their time. */
  tooEarly: number[]
  /**
   * Of an ordered queue: begun before another of its key had ended that was begun before it, or came before it. With what the
   * function saw of both.
   */
  outOfOrder: { job: number; before: number; visits: Visit[] }[]
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
        const { status = 'gone', attempts = 0, error = null } = rows.get(id) ?? {}
        return status === (order.do === 'fail' || order.do === 'poison' ? 'failed' : 'success')
          ? []
          : [{ job: id, status, attempts, error }]
      }),
      neverCommitted: [...visits.all()].map(([job]) => job).filter((job) => !jobs.has(job)),
      crowds: visits.crowds().filter(({ workers, inside }) =>
        countCalls(inside.filter((visit) => !isUnknown(visit))) > workers
      ),
      tooEarly: lasting.filter(({ id, dueAt = 0 }) => visits.of(id).some(({ cameAt }) => cameAt < dueAt)).map((
        { id },
      ) => id),
      outOfOrder: outOfOrder(lasting, (job) => visits.of(job).filter((visit) => !isUnknown(visit)))
        .map((pair) => ({ ...pair, visits: [...visits.of(pair.job), ...visits.of(pair.before)] })),
      lockedWorkers: locked.map(({ id }) => id),
    },
    repeats: [...visits.all()]
      .filter(([, seen]) => seen.length > 1)
      .map(([job, seen]) => ({ job, visits: seen })),
    ends: { success: ended('success'), failed: ended('failed'), gone: jobs.size - lasting.length },
  }
}

/**
 * The jobs of each key that ran beside another; between the attempts of one with a smaller id; or before one that was known
 * to be committed when somebody began to insert them. One with a smaller id may be committed late: then it is the next.
 */
export function outOfOrder(jobs: Inserted[], visitsOf: (job: number) => Visit[]): { job: number; before: number }[] {
  const byKey = new Map<string, Inserted[]>()
  for (const job of jobs.filter(({ key }) => key !== undefined)) {
    const key = `${job.queue} ${job.key}`
    byKey.set(key, [...byKey.get(key) ?? [], job])
  }
  return [...byKey.values()].flatMap((jobs) => {
    const stays = jobs.map((job) => ({ ...job, visits: visitsOf(job.id) })).filter(({ visits }) => visits.length > 0)
      .map((job) => ({
        ...job,
        from: Math.min(...job.visits.map(({ cameAt }) => cameAt)),
        to: Math.max(...job.visits.map(({ cameAt, wentAt = cameAt }) => wentAt)),
      }))
    const besides = (one: Visit[], other: Visit[]) =>
      one.some(({ cameAt }) => other.some((visit) => visit.cameAt < cameAt && cameAt < (visit.wentAt ?? visit.cameAt)))
    return stays.flatMap((stay) =>
      stays
        .filter((other) =>
          other !== stay && (
            besides(stay.visits, other.visits) ||
            other.id < stay.id && other.from < stay.from && stay.from < other.to ||
            (other.knownAt ?? Infinity) < stay.askedAt && stay.from < other.to
          )
        )
        .map((other) => ({ job: stay.id, before: other.id }))
    )
  })
}

async function readJobs(db: pg.Client): Promise<Row[]> {
  const { rows } = await db.query<Row>('select id, status::text, attempts, error from supaqueue.job')
  return rows.map((row) => ({ ...row, id: Number(row.id) }))
}
