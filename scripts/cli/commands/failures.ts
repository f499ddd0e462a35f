import type { Database } from '../project/database.ts'
import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { inShell } from '../terminal/in_shell.ts'
import { plain } from '../terminal/plain.ts'
import { type Column, table } from '../terminal/table.ts'
import { fromNow } from '../terminal/times.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

export type FailuresOptions = Target & { queue?: string; json?: boolean }

/** What jobs of a queue failed of. Times are ISO texts. */
export type Failure = {
  queue: string
  fingerprint: string
  jobs: number
  first_seen: string
  last_seen: string
  example_job: number
  example_error: string | null
}

/** Shows what failed, of what, how often. Returns the exit code. */
export function failures(options: FailuresOptions, deps: Deps): Promise<number> {
  return look(options, deps, async (db) => {
    const { now, found } = await readFailures(db, options.queue)
    deps.say(options.json ? JSON.stringify(found) : page(found, now, deps.screen?.columns).join('\n'))
    return EXIT.done
  })
}

/** The most frequent first. `queue` is a name or an id; `SQ404` when there is no such queue. */
async function readFailures(db: Database, queue?: string): Promise<{ now: string; found: Failure[] }> {
  const [only] = queue === undefined
    ? []
    : await db.query<{ id: string }>('select (supaqueue_internal.find_queue($1)).id', [queue])
  const [row] = await db.query<{ now: string; found: Failure[] }>(
    `select to_jsonb(clock_timestamp()) #>> '{}' as now, coalesce(jsonb_agg(
       jsonb_build_object(
         'queue', failures.queue_name, 'fingerprint', failures.fingerprint, 'jobs', failures.jobs,
         'first_seen', failures.first_seen, 'last_seen', failures.last_seen,
         'example_job', failures.example_job, 'example_error', failures.example_error
       )
       order by failures.jobs desc, failures.queue_name, failures.fingerprint
     ), '[]') as found
     from supaqueue.failures
     where failures.queue = $1::uuid or $1::uuid is null`,
    [only?.id ?? null],
  )
  return row!
}

function page(found: Failure[], now: string, width?: number): string[] {
  const [first] = found
  if (!first) return ['No job has failed.']
  const columns: Column<Failure>[] = [
    { head: 'queue', cell: (failure) => failure.queue },
    { head: 'jobs', cell: ({ jobs }) => String(jobs), right: true },
    { head: 'first', cell: ({ first_seen }) => fromNow(first_seen, now), right: true, spare: 2 },
    { head: 'last', cell: ({ last_seen }) => fromNow(last_seen, now), right: true, spare: 1 },
    { head: 'example', cell: ({ example_job }) => String(example_job), right: true },
    { head: 'failed of', cell: ({ fingerprint }) => fingerprint },
  ]
  const named = `--queue ${inShell(first.queue)} --fingerprint ${inShell(first.fingerprint)}`
  return [
    ...table(columns, found, width),
    '',
    `To see one of them:    pnpm supaqueue job ${first.example_job}`,
    `Once fixed, try five: pnpm supaqueue retry-failed ${named} --most 5`,
    `and then all of them:  pnpm supaqueue retry-failed ${named}`,
  ].map(plain)
}

/** A text as a word of a shell. */
