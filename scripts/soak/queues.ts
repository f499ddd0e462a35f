import type { Order } from './book.ts'
import type { QueuePlan } from './load_queues.ts'
import type { Random } from './random.ts'
import type { Role } from './client.ts'

// Short, so that a hanging call or a lost lease does not take minutes.
const settings = { timeout_ms: 2000, retry_base_ms: 50, retry_max_ms: 500 }
// A killed process uses up attempts through no fault of the job's.
const retrying = { ...settings, max_attempts: 100 }

/** The queues of a soak. */
export const plans: QueuePlan[] = [
  { kind: 'fixed', name: 'one at a time', workers: 1, ...retrying },
  { kind: 'fixed', name: 'a few', workers: 3, ...retrying },
  { kind: 'fixed', name: 'many', workers: 10, ...retrying },
  { kind: 'fixed', name: 'more than one run', workers: 40, ...retrying },
  {
    kind: 'fixed',
    name: 'always failing',
    workers: 2,
    ...settings,
    max_attempts: 2,
    order: () => ({ do: 'fail', ms: 1 }),
  },
  { kind: 'fixed', name: 'batches', workers: 4, batch_size: 8, ...settings, max_attempts: 20, order: withPoison },
  { kind: 'fixed', name: 'ordered', workers: 4, ordered: 'key', keys: 6, ...retrying },
  { kind: 'fixed', name: 'ordered, with batches', workers: 2, ordered: 'key', keys: 6, batch_size: 4, ...retrying },
  { kind: 'resized', name: 'resized', workers: 3, ...retrying },
  { kind: 'recreated', name: 'recreated', workers: 2, ...retrying },
]

/** In some batches a job that takes its whole call along, until it is alone. */
function withPoison(random: Random): Order {
  return random.chance(0.05) ? { do: 'poison', ms: 1 } : order(random)
}

/** What jobs do: most work and succeed, some take their time, fail, are put off or hang at their first attempt. */
export function order(random: Random): Order {
  const kind = random.weighted({ quick: 85, slow: 6, failing: 4, busy: 3, hanging: 1 })
  if (kind === 'failing') return { do: 'fail once', ms: random.below(10) }
  if (kind === 'busy') return { do: 'busy once', ms: random.below(10) }
  if (kind === 'hanging') return { do: 'hang once', ms: settings.timeout_ms * 1.5 }
  return { ms: kind === 'slow' ? random.between(50, 500) : random.below(15) }
}

const user: Role = {
  acts: {
    single: 10,
    bulk: 4,
    rolledBack: 2,
    savepoints: 2,
    long: 1,
    immediate: 1,
    crossing: 2,
    planned: 2,
    intoRecreated: 2,
    holdJob: 1,
    holdWorker: 1,
    processJobs: 1,
  },
  restMs: [20, 300],
}

/** Who works on them. */
export const roles: Role[] = [
  ...Array.from({ length: 8 }, () => user),
  { acts: { resize: 1 }, restMs: [500, 3000] },
  { acts: { recreate: 1 }, restMs: [2000, 10_000] },
  { acts: { pauseAndResume: 1 }, restMs: [500, 3000] },
]
