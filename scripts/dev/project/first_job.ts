import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../../cli/project/database.ts'

/** Long enough for a function that is downloaded first. */
const DEADLINE_MS = 60_000

/** Puts a job into the queue that init makes, if it never had one, and says what became of it: so one sees it work. */
export async function firstJob(databaseUrl: string, say: (line: string) => void): Promise<void> {
  const db = openDatabase(databaseUrl)
  try {
    const [made] = await db.query<{ id: string }>(
      `select supaqueue.enqueue('greetings', '{"name": "Ada"}') as id
       from supaqueue.queue
       where queue.name = 'greetings' and queue.edge_function_name = 'greet' and not queue.paused
         and not exists (select from supaqueue.job where job.queue = queue.id)`,
    )
    if (!made) return
    say(`A first job, number ${made.id}, is in the queue greetings ...`)
    const begin = performance.now()
    while (performance.now() - begin < DEADLINE_MS) {
      const [job] = await db.query<{ status: string; result: unknown; error: string | null }>(
        'select status, result, error from supaqueue.job where id = $1',
        [made.id],
      )
      if (!job || ['success', 'failed', 'cancelled'].includes(job.status)) {
        return say(`The first job is a ${job?.status}: ${job?.error ?? JSON.stringify(job?.result)}`)
      }
      await pause(200)
    }
    say(`The first job has not ended yet. To see why: select supaqueue.explain(${made.id});`)
  } finally {
    await db.end()
  }
}
