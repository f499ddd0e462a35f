import { type NextDue, readSchedule } from './due.ts'
import type { Job, Run } from './run.ts'

type Entry = { job: Job; due: number | undefined; next: NextDue; run?: Run | undefined; waiting: boolean }

export type Agenda = {
  /** Learns which jobs there are now. */
  update(jobs: Job[], now: number): void
  /** Starts what is due. A job that still runs waits for its end, and waits once however often it came due. */
  startDue(now: number): void
  /** Runs a job once, after a run of it that is under way. */
  runOnce(job: Job): Promise<void>
  /** Ends the runs under way. */
  abandon(): Promise<void>
}

/** Who is to run when. `start` begins a run. */
export function makeAgenda(start: (job: Job) => Run): Agenda {
  const entries = new Map<string, Entry>()

  function enter(job: Job, now: number): Entry {
    const known = entries.get(job.jobid)
    if (known?.job.schedule === job.schedule) return Object.assign(known, { job })

    const next = readSchedule(job.schedule)
    const entry = Object.assign(known ?? { waiting: false }, { job, next, due: next(now) })
    entries.set(job.jobid, entry)
    return entry
  }

  function begin(entry: Entry): Run {
    entry.waiting = false
    const run = start(entry.job)
    entry.run = run
    // How it ended is in the history; runOnce tells its caller, too.
    run.ended.catch(() => {}).then(() => {
      entry.run = undefined
      if (entry.waiting && entries.get(entry.job.jobid) === entry) begin(entry)
    })
    return run
  }

  return {
    update(jobs, now) {
      const ids = new Set(jobs.map(({ jobid }) => jobid))
      for (const jobid of entries.keys()) if (!ids.has(jobid)) entries.delete(jobid)
      for (const job of jobs) enter(job, now)
    },
    startDue(now) {
      for (const entry of entries.values()) {
        if (entry.due === undefined || entry.due > now) continue
        entry.due = entry.next(now)
        if (entry.run) entry.waiting = true
        else begin(entry)
      }
    },
    async runOnce(job) {
      const entry = enter(job, Date.now())
      while (entry.run) await entry.run.ended.catch(() => {})
      await begin(entry).ended
    },
    async abandon() {
      const runs = [...entries.values()].flatMap((entry) => {
        entry.waiting = false
        return entry.run ?? []
      })
      await Promise.all(runs.map((run) => run.abandon()))
    },
  }
}
