import type pg from 'pg'
import { openClient } from '../dev/client.ts'
import type { Stack } from '../dev/stack.ts'
import { maxAttempts, type PlannedJob, workers } from './plan.ts'

/** Makes the demo's queue with its workers, and returns the queue's id. */
export async function makeQueue(db: pg.Client): Promise<string> {
  const { rows: [queue] } = await db.query(
    `insert into supaqueue.queue (name, edge_function_name, max_attempts, retry_base_ms)
     values ('paragraphs', 'read-paragraph', $1, 200)
     returning id`,
    [maxAttempts],
  )
  await db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, $2)', [queue.id, workers])
  return queue.id
}

/** Enqueues each job by the door that is planned for it. */
export async function enqueue(jobs: PlannedJob[], queue: string, db: pg.Client, stack: Stack): Promise<void> {
  const payloads = (door: PlannedJob['door']) => jobs.filter((job) => job.door === door).map((job) => job.payload)

  await db.query('insert into supaqueue.job (queue, payload) select $1, * from jsonb_array_elements($2)', [
    queue,
    JSON.stringify(payloads('SQL')),
  ])

  const supabase = openClient(stack, stack.keys.secret)
  const { error } = await supabase
    .schema('supaqueue')
    .from('job')
    .insert(payloads('supabase-js').map((payload) => ({ queue, payload })))
  if (error) throw new Error(`supabase-js could not insert: ${error.message}`, { cause: error })
}
