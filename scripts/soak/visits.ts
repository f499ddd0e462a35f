/** One call as the function saw it. */
export type Visit = {
  queue: string
  job: number
  attempt: number
  /** The call that brought it along with others; undefined: it came alone. */
  call?: number
  /** Unix milliseconds, on the function's clock. */
  cameAt: number
  wentAt?: number
  /** The status the function answered; undefined if it was killed before, or is still at work. */
  answer?: number
}

/** A call that came when the workers of its queue were taken, with those who were in then, itself included. */
export type Crowd = { queue: string; workers: number; inside: Visit[] }

export type Visits = {
  enter(visit: Visit): void
  leave(visit: Visit, at: number, answer: number): void
  /** The process that had the visit has died. */
  cutOff(visit: Visit): void
  /** The queue has so many workers more, or fewer, from here on. */
  addWorkers(queue: string, count: number): void
  /** The job's worker was deleted: the job goes on, and its worker counts no more. */
  excuse(job: number): void
  of(job: number): Visit[]
  all(): Iterable<[job: number, visits: Visit[]]>
  /** How many jobs were here. */
  jobs(): number
  /** How many are in just now, over all queues. */
  inside(): number
  /** The most calls that were ever in a queue at once. */
  most(queue: string): number
  crowds(): Crowd[]
  /** Begins anew. */
  forget(): void
}

/** How many calls these are: one takes a worker, however many jobs it brings. */
export const countCalls = (visits: Iterable<Visit>): number =>
  new Set([...visits].map((visit) => visit.call ?? visit)).size

/** Keeps who was at the function, and whether a queue ever had more calls than workers. */
export function makeVisits(): Visits {
  const byJob = new Map<number, Visit[]>()
  const rooms = new Map<string, { workers: number; inside: Set<Visit>; most: number }>()
  const excused = new Set<number>()
  let crowds: Crowd[] = []

  const roomOf = (queue: string) => {
    const room = rooms.get(queue) ?? { workers: 0, inside: new Set(), most: 0 }
    rooms.set(queue, room)
    return room
  }
  const remove = (visit: Visit) => void roomOf(visit.queue).inside.delete(visit)

  return {
    enter(visit) {
      const { queue, job } = visit
      byJob.set(job, [...byJob.get(job) ?? [], visit])
      const room = roomOf(queue)
      room.inside.add(visit)
      room.most = Math.max(room.most, countCalls(room.inside))
      if (countCalls(room.inside) <= room.workers) return
      const inside = [...room.inside].filter((each) => !excused.has(each.job))
      if (countCalls(inside) > room.workers) crowds.push({ queue, workers: room.workers, inside })
    },
    leave(visit, at, answer) {
      visit.wentAt = at
      visit.answer = answer
      remove(visit)
    },
    cutOff: remove,
    addWorkers: (queue, count) => void (roomOf(queue).workers += count),
    excuse: (job) => void excused.add(job),
    of: (job) => byJob.get(job) ?? [],
    all: () => byJob,
    jobs: () => byJob.size,
    inside: () => [...rooms.values()].reduce((sum, room) => sum + room.inside.size, 0),
    most: (queue) => roomOf(queue).most,
    crowds: () => crowds,
    forget() {
      byJob.clear()
      rooms.clear()
      excused.clear()
      crowds = []
    },
  }
}
