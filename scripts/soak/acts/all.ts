import type { Hand } from '../fleet.ts'
import { bulk, crossing, immediate, long, mortal, plain, planned, rolledBack, savepoints, single } from './enqueue.ts'
import { holdJob, holdWorker, pauseAndResume, processJobs, rebirth, resize } from './manage.ts'

/** Everything a client of the load may do. */
export const acts = {
  plain,
  single,
  bulk,
  rolledBack,
  savepoints,
  long,
  immediate,
  crossing,
  planned,
  mortal,
  holdJob,
  holdWorker,
  processJobs,
  pauseAndResume,
  rebirth,
  resize,
} satisfies Record<string, (hand: Hand) => Promise<void>>

export type ActName = keyof typeof acts
