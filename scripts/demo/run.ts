import pg from 'pg'
import { type Stack, startStack } from '../dev/stack.ts'
import { enqueue, makeQueue } from './enqueue.ts'
import { type Outcome, readOutcomes } from './outcome.ts'
import { maxAttempts, type PlannedJob, workers } from './plan.ts'
import type { Progress } from './progress.ts'
import type { Times } from './summary.ts'
import { watch } from './watch.ts'

type Audience = { say: (line: string) => void; progress: Progress; log: (line: string) => void; signal: AbortSignal }

/**
 * Starts a stack, runs the jobs in it, and stops it whatever happens. Returns what became of them; nothing if the
 * signal came before they had all ended.
 */
export async function runJobs(
  jobs: PlannedJob[],
  { say, progress, log, signal }: Audience,
): Promise<{ outcomes: Outcome[]; times: Times } | undefined> {
  say('Starting Postgres, REST and the edge functions on this machine ...')
  const from = performance.now()
  const stack = await startStack({ log })
  try {
    return signal.aborted ? undefined : await work(stack, performance.now() - from)
  } finally {
    await stack.stop()
  }

  async function work(stack: Stack, startedInMs: number) {
    const db = new pg.Client({ connectionString: stack.databaseUrl })
    // A connection that breaks says so at the next query, too; unheard, the event would end us with the stack running.
    db.on('error', () => {})
    await db.connect()
    try {
      const queue = await makeQueue(db)
      const count = (door: PlannedJob['door']) => jobs.filter((job) => job.door === door).length
      say(
        `Enqueuing ${jobs.length} jobs, ${count('SQL')} by SQL and ${count('supabase-js')} by supabase-js, ` +
          `for ${workers} workers and at most ${maxAttempts} attempts ...`,
      )
      const begun = performance.now()
      await enqueue(jobs, queue, db, stack)
      for await (const counts of watch(db, queue, signal)) progress.show(counts, performance.now() - begun)
      const workedForMs = performance.now() - begun
      if (signal.aborted) return undefined
      progress.end()
      return { outcomes: await readOutcomes(db, queue, jobs), times: { startedInMs, workedForMs } }
    } finally {
      await db.end()
    }
  }
}
