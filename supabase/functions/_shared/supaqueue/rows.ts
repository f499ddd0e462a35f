import { SupaqueueError } from './errors.ts'
import type { JobRow } from './status.ts'
import { ask, restOf, type Supabase } from './supabase.ts'

/**
 * Reads jobs of one queue, by their ids; those that are not there are missing. Throws `SQ404` when there is no such queue.
 * By its id and not by embedding: to PostgREST the views of queues could be meant by that just as well.
 */
export function rowsOf(supabase: Supabase, name: string): (ids: number[]) => Promise<JobRow[]> {
  const rest = restOf(supabase, 'supaqueue')
  let known: string | undefined

  return async (ids) => {
    const queue = known ??= await find()
    const rows = await readFrom(queue, ids)
    if (rows.length === ids.length) return rows
    // A queue that was deleted and made anew has another id.
    known = await find()
    return known === queue ? rows : await readFrom(known, ids)
  }

  // A project may allow fewer rows per answer than are asked for, and what is cut off looks like what is not there: so it
  // is asked for again, until an answer brings none of it.
  async function readFrom(queue: string, ids: number[]): Promise<JobRow[]> {
    const rows: JobRow[] = []
    for (let missing = ids; missing.length > 0;) {
      const query = rest.from('job').select('id, status, progress_percent, progress_note, result, error')
      const found = await ask(query.eq('queue', queue).in('id', missing), 'supaqueue.job') as JobRow[]
      if (found.length === 0) break
      rows.push(...found)
      const seen = new Set(found.map(({ id }) => id))
      missing = missing.filter((id) => !seen.has(id))
    }
    return rows
  }

  async function find(): Promise<string> {
    const found = await ask(rest.from('queue').select('id').eq('name', name), 'supaqueue.queue') as { id: string }[]
    if (found[0]) return found[0].id
    throw new SupaqueueError(
      'SQ404',
      `there is no queue ${name}`,
      'defineQueue wants its name as it is in the database: select name from supaqueue.queue.',
    )
  }
}
