import { Client } from '../cli/connection/client.ts'
import { maxAttempts, type PlannedJob, workers } from '../../examples/supabase/functions/split-document/plan.ts'
import { type Stack, startStack } from '../dev/stack.ts'
import { enqueue, makeQueues } from './enqueue.ts'
import { type Outcome, readOutcomes, readStages, type Stages } from './outcome.ts'
import type { Progress } from './progress.ts'
import type { Times } from './summary.ts'
import { watch } from './watch.ts'

type Audience = { say: (line: string) => void; progress: Progress; log: (line: string) => void; signal: AbortSignal }

/** What became of the pipeline, and how long it took. */
export type Ran = { outcomes: Outcome[]; stages: Stages; times: Times }

/**
 * Starts a stack, has the text split, read and merged in it, and stops it whatever happens. `jobs` are those that the
 * text should be split into. Returns what became of them; nothing if the signal came before they had all ended.
 */
export async function runPipeline(
  text: string,
  jobs: PlannedJob[],
  { say, progress, log, signal }: Audience,
): Promise<Ran | undefined> {
  say('Starting Postgres, REST and the edge functions on this machine ...')
  const from = performance.now()
  const stack = await startStack({ log })
  try {
    return signal.aborted ? undefined : await work(stack, performance.now() - from)
  } finally {
    await stack.stop()
  }

  async function work(stack: Stack, startedInMs: number) {
    const db = new Client({ connectionString: stack.databaseUrl })
    // A connection that breaks says so at the next query, too; unheard, the event would end us with the stack running.
    db.on('error', () => {})
    await db.connect()
    try {
      const queues = await makeQueues(db)
      say(
        'Enqueuing two jobs: one splits the text, by SQL; the last one, by supabase-js, waits for it and all that it ' +
          `adds. ${workers} workers read, with at most ${maxAttempts} attempts ...`,
      )
      const begun = performance.now()
      const stages = await enqueue(text, queues, db, stack)
      for await (const counts of watch(db, signal)) progress.show(counts, performance.now() - begun)
      const workedForMs = performance.now() - begun
      if (signal.aborted) return undefined
      progress.end()
      return {
        outcomes: await readOutcomes(db, queues.paragraphs, jobs),
        stages: await readStages(db, stages),
        times: { startedInMs, workedForMs },
      }
    } finally {
      await db.end()
    }
  }
}
