/** What the database promised its clients: which jobs are committed, and which never were. */
export type Book = {
  committed(jobs: Inserted[]): void
  undone(jobs: Inserted[]): void
  /** The connection broke during the commit: nobody knows. */
  unsure(jobs: Inserted[]): void
  /** Those nobody knows about. */
  doubtful(): Inserted[]
  /**
   * Once the dust has settled, somebody can look. Not for one whose id is known to be another's: after a crash PostgreSQL
   * hands out again what it had given to a transaction that never committed.
   */
  settle(isCommitted: (job: Inserted) => boolean): void
  jobs(): Map<number, Inserted>
  counts(): { committed: number; undone: number; unsure: number }
  /** One of the jobs committed lately; undefined when there are none. */
  lately(pick: (choices: readonly number[]) => number): number | undefined
}

export type Inserted = {
  id: number
  queue: string
  order: Order
  /** Of an ordered queue: jobs of one key run one after the other. */
  key?: string
  /** When its client began to insert it, and when that client knew that it was committed: unix milliseconds. */
  askedAt: number
  knownAt?: number
  /** It is planned for then, or for later. */
  dueAt?: number
}

/**
 * What the function `recorded` is to do with a job; without `do` it works for `ms` and succeeds. `poison` takes all jobs
 * of its call along.
 */
export type Order = { do?: 'fail' | 'fail once' | 'busy once' | 'hang once' | 'poison'; ms: number }

const keptLately = 200

export function makeBook(): Book {
  const jobs = new Map<number, Inserted>()
  let doubtful: Inserted[] = []
  const recent: number[] = []
  let undone = 0
  let unsure = 0

  const commit = (inserted: Inserted[], knownAt?: number) => {
    for (const job of inserted) {
      job.knownAt = knownAt
      jobs.set(job.id, job)
      recent.push(job.id)
    }
    recent.splice(0, recent.length - keptLately)
  }

  return {
    committed: (inserted) => commit(inserted, Date.now()),
    undone: (inserted) => void (undone += inserted.length),
    unsure(inserted) {
      unsure += inserted.length
      doubtful.push(...inserted)
    },
    doubtful: () => [...doubtful],
    settle(isCommitted) {
      const found = doubtful.filter((job) => !jobs.has(job.id) && isCommitted(job))
      commit(found)
      undone += doubtful.length - found.length
      doubtful = []
    },
    jobs: () => jobs,
    counts: () => ({ committed: jobs.size, undone, unsure }),
    lately: (pick) => recent.length === 0 ? undefined : pick(recent),
  }
}
