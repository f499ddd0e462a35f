import type { Deps } from '../load_queues.ts'
import {
  bulk,
  crossing,
  immediate,
  intoRecreated,
  long,
  plain,
  planned,
  rolledBack,
  savepoints,
  single,
} from './enqueue.ts'
import { holdJob, holdWorker, pauseAndResume, processJobs, recreate, resize } from './manage.ts'

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
  intoRecreated,
  holdJob,
  holdWorker,
  processJobs,
  pauseAndResume,
  recreate,
  resize,
} satisfies Record<string, (deps: Deps) => Promise<void>>

export type ActName = keyof typeof acts
