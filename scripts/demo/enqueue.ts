import type pg from 'pg'
import { maxAttempts, workers } from '../../examples/supabase/functions/split-document/plan.ts'
import { openClient } from '../dev/client.ts'
import type { Stack } from '../dev/stack.ts'

export type Queues = { documents: string; paragraphs: string; merges: string }

/** Makes the demo's queues with their workers, and returns their ids. */
export async function makeQueues(db: pg.Client): Promise<Queues> {
  const make = async (name: string, edgeFunction: string, workers: number): Promise<string> => {
    const { rows: [queue] } = await db.query(
      `insert into supaqueue.queue (name, edge_function_name, max_attempts, retry_base_ms)
       values ($1, $2, $3, 200)
       returning id`,
      [name, edgeFunction, maxAttempts],
    )
    await db.query('insert into supaqueue.worker (queue) select $1 from generate_series(1, $2)', [queue.id, workers])
    return queue.id
  }
  return {
    documents: await make('documents', 'split-document', 1),
    paragraphs: await make('paragraphs', 'read-paragraph', workers),
    merges: await make('merges', 'merge-readings', 1),
  }
}

/**
 * Enqueues the job that splits the text, by SQL, and the one that merges what was read, by supabase-js: held, until it
 * is said what it waits for. Returns their ids.
 */
export async function enqueue(text: string, queues: Queues, db: pg.Client, stack: Stack) {
  const supaqueue = openClient(stack, stack.keys.secret).schema('supaqueue')
  const { data, error } = await supaqueue
    .from('job')
    .insert({ queue: queues.merges, status: 'held' })
    .select('id')
    .single()
  if (error) throw new Error(`supabase-js could not insert: ${error.message}`, { cause: error })
  const merge = Number(data.id)

  await db.query('begin')
  const { rows: [split] } = await db.query(
    'insert into supaqueue.job (queue, payload) values ($1, $2) returning id',
    [queues.documents, JSON.stringify({ text, queue: queues.paragraphs, merge })],
  )
  await db.query('select supaqueue.depend($1, array[$2::bigint])', [merge, split.id])
  await db.query('commit')
  return { split: Number(split.id), merge }
}
