import type { Status } from '../../../console/answers.ts'
import type { Walk } from './walk.ts'

const at = (column: string) => `extract(epoch from ${column})::float8`

/** Jobs of one status, in an order that suits it. Each walk by an index that is there for something else: the console costs no insert anything. */
export const walks: Record<Status, Walk> = {
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
  held: byId(`job.queue = branch.queue and job.status = 'held'`, 'job.id'),
  success: ended('success'),
  failed: ended('failed'),
  cancelled: ended('cancelled'),
}

/** Jobs of a batch, the newest first. They are found by the index of batches, which has no order, and sorted. */
export const batchWalk: Walk = byId('job.batch = branch.batch', 'job.id + 0')

/** All jobs, the newest first; `branch.queue` is null. */
export const everyJob: Walk = byId('true', 'job.id')

/** Jobs of a queue that have ended, whichever way. */
export const anyEnd: Walk = {
  ...walks.success,
  from: `
    select * from (
      (${walks.success.from}) union all (${walks.failed.from}) union all (${walks.cancelled.from})
    ) as whichever
    order by finished_at desc, id desc
    limit $scan`,
}

function ended(status: 'success' | 'failed' | 'cancelled'): Walk {
  return {
    key: [at('walked.finished_at'), 'walked.id'],
    directions: [-1, -1],
    from: `
      select * from supaqueue.job
      where job.queue = branch.queue and job.status = '${status}'
        and (job.finished_at, job.id) < (to_timestamp(coalesce(($after)[1], 'infinity')), coalesce(($after)[2]::bigint, 9223372036854775807))
        and job.finished_at >= coalesce(branch.since, '-infinity')
      order by job.finished_at desc, job.id desc
      limit $scan`,
  }
}

function byId(condition: string, order: string): Walk {
  return {
    key: ['walked.id'],
    directions: [-1],
    from: `
      select * from supaqueue.job
      where ${condition} and ${order} < coalesce(($after)[1]::bigint, 9223372036854775807)
      order by ${order} desc
      limit $scan`,
  }
}
