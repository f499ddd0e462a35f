import type { Audit, AuditLine } from '../../../console/answers.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'

const MOST = 50

/** Who did what, the newest first: `queue` is a name, `before` the id of the last line of the page before. */
export async function readAudit(source: Source, params: URLSearchParams): Promise<Audit> {
  const before = params.get('before')
  if (before !== null && !/^\d{1,15}$/.test(before)) {
    throw new SupaqueueError('SQ422', 'the address has no such place in the list', 'Begin at its first page.')
  }
  const queue = params.get('queue')
  // Each by its own index: by queue and id, or by id.
  const found = queue
    ? await source.read<AuditLine>(
      `select id, at, act, queue_name, job, jobs, role, subject, application, person, before, after
       from supaqueue.audit
       where queue = (select queue.id from supaqueue.queue where queue.name = $3) and id < coalesce($1::bigint, 9223372036854775807)
       order by queue desc, id desc limit $2::bigint`,
      [before, MOST + 1, queue],
    )
    : await source.read<AuditLine>(
      `select id, at, act, queue_name, job, jobs, role, subject, application, person, before, after
       from supaqueue.audit where id < coalesce($1::bigint, 9223372036854775807)
       order by id desc limit $2::bigint`,
      [before, MOST + 1],
    )
  const acts = found.slice(0, MOST)
  return { acts, next: found.length > MOST ? acts.at(-1)!.id : null }
}
