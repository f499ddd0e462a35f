import type { Aside } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

/** What was set aside since it could not be done: the first two hundred by when they are tried again. */
export async function readAside(source: Source): Promise<Aside> {
  const [{ count } = { count: 0 }] = await source.read<{ count: number }>(
    'select count(*)::integer as count from (select from supaqueue.trouble limit 10000) as counted',
  )
  return {
    count,
    aside: await source.read(`
      select trouble.kind, trouble.subject, trouble.job, queue.name as queue_name, trouble.code, trouble.reason, trouble.tries,
        trouble.since, trouble.next_try_at
      from (
        select * from supaqueue.trouble order by trouble.next_try_at, trouble.kind, trouble.subject limit 200
      ) as trouble
      left join supaqueue.queue on queue.id = trouble.queue
      order by trouble.next_try_at, trouble.kind, trouble.subject`),
  }
}
