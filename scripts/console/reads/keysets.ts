import type { Status } from '../../../console/answers.ts'
import type { Keyset } from './keyset.ts'

const ENDS = ['success', 'failed', 'cancelled'] as const
const HELD = `job.queue = branch.queue and job.status = 'held'`
const OF_BATCH = 'job.batch = branch.batch'
const LAST_ID = '9223372036854775807'

const downOrUp = (direction: 1 | -1) => direction < 0 ? 'desc' : 'asc'

const at = (column: string) => `extract(epoch from ${column})::float8`

/** Jobs of one status, in an order that suits it. Each by an index that is there for something else: the console costs no insert anything. */
export const keysets: Record<Status, Keyset> = {
  // What the queue's workers are taken by: few.
  in_progress: {
    key: [at('walked.leased_at'), 'walked.id'],
    directions: [-1, -1],
    from: `
      select job.*, current_job.created_at as leased_at
      from supaqueue.current_job join supaqueue.job on job.id = current_job.job
      where current_job.queue = branch.queue and ($after is null
        or (current_job.created_at, job.id) < (to_timestamp(($after)[1]), ($after)[2]::bigint))
      order by current_job.created_at desc, job.id desc
      limit $scan`,
  },
  // In the order in which they begin. In two steps, so that a page far back begins where the last one ended.
  pending: {
    key: ['walked.priority', at('walked.run_at'), 'walked.id'],
    directions: [-1, 1, 1],
    from: `
      select * from (
        (
          select * from supaqueue.job
          where job.queue = branch.queue and job.status = 'pending' and $after is not null
            and job.priority = ($after)[1]::integer
            and (job.run_at, job.id) > (to_timestamp(($after)[2]), ($after)[3]::bigint)
          order by job.priority desc, job.run_at, job.id
          limit $scan
        )
        union all
        (
          select * from supaqueue.job
          where job.queue = branch.queue and job.status = 'pending' and job.priority < coalesce(($after)[1]::bigint, 2147483648)
          order by job.priority desc, job.run_at, job.id
          limit $scan
        )
      ) as both_steps
      limit $scan`,
  },
  // The newest first.
  held: byId(HELD, 'job.id'),
  success: ended('success'),
  failed: ended('failed'),
  cancelled: ended('cancelled'),
}

/** Jobs of a batch, the newest first. They are found by the index of batches, which has no order, and sorted. */
export const batchOrder: Keyset = byId(OF_BATCH, 'job.id + 0')

/** All jobs, the newest first; `branch.queue` is null. */
export const everyJob: Keyset = byId('true', 'job.id')

/** Jobs of a queue that have ended, whichever way. */
export const anyEnd: Keyset = whicheverEnd(-1)

/** The same keysets from their other end: the oldest first. What runs and what is due have an order of their own. */
export const backwards = new Map<Keyset, Keyset>([
  [keysets.held, byId(HELD, 'job.id', 1)],
  [batchOrder, byId(OF_BATCH, 'job.id + 0', 1)],
  [everyJob, byId('true', 'job.id', 1)],
  [anyEnd, whicheverEnd(1)],
  ...ENDS.map((status): [Keyset, Keyset] => [keysets[status], ended(status, 1)]),
])

function whicheverEnd(direction: 1 | -1): Keyset {
  const each = ENDS.map((status) => ended(status, direction))
  return {
    ...each[0]!,
    from: `
      select * from (
        ${each.map(({ from }) => `(${from})`).join(' union all ')}
      ) as whichever
      order by finished_at ${downOrUp(direction)}, id ${downOrUp(direction)}
      limit $scan`,
  }
}

function ended(status: (typeof ENDS)[number], direction: 1 | -1 = -1): Keyset {
  const [beyond, first, last] = direction < 0 ? ['<', 'infinity', LAST_ID] : ['>', '-infinity', '0']
  return {
    key: [at('walked.finished_at'), 'walked.id'],
    directions: [direction, direction],
    from: `
      select * from supaqueue.job
      where job.queue = branch.queue and job.status = '${status}'
        and (job.finished_at, job.id) ${beyond} (to_timestamp(coalesce(($after)[1], '${first}')), coalesce(($after)[2]::bigint, ${last}))
        and job.finished_at >= coalesce(branch.since, '-infinity') and job.finished_at <= coalesce(branch.until, 'infinity')
      order by job.finished_at ${downOrUp(direction)}, job.id ${downOrUp(direction)}
      limit $scan`,
  }
}

function byId(condition: string, order: string, direction: 1 | -1 = -1): Keyset {
  const [low, high] = direction < 0 ? ['', `($after)[1]::bigint - 1, `] : [`($after)[1]::bigint + 1, `, '']
  return {
    key: ['walked.id'],
    directions: [direction],
    from: `
      select * from supaqueue.job
      where ${condition} and ${order} >= coalesce(${low}branch.low, 0) and ${order} <= coalesce(${high}branch.high, ${LAST_ID})
      order by ${order} ${downOrUp(direction)}
      limit $scan`,
  }
}
