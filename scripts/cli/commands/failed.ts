import { jsonWith } from '../../../console/json.ts'
import type { Database } from '../project/database.ts'
import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { plain } from '../terminal/plain.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { expectJson } from './expect_json.ts'

// What is done to many failed jobs at once, by what they have in common.

export type FailedOptions = Target & {
  queue?: string
  fingerprint?: string
  error?: string
  payload?: string
  where?: string
  since?: string
  until?: string
  most?: number
  perSecond?: number
  dryRun?: boolean
  yes?: boolean
  json?: boolean
}

type Bulk = {
  action: number | null
  jobs: number
  fitting: number
  looked_at: number
  whole: boolean
  shortened?: number
}

/** Puts failed jobs back. Returns the exit code. */
export const retryFailed = (options: FailedOptions, deps: Deps): Promise<number> =>
  act(options, deps, {
    question: (jobs) => `Put ${jobs} back, each with all its attempts?`,
    done: (jobs, action) =>
      `${jobs} put back. How they are doing: pnpm supaqueue bulk ${action}. To take it back: pnpm supaqueue undo ${action}.`,
    work: (db, dryRun) =>
      db.change<{ bulk: Bulk }>(
        'select supaqueue.retry_where($1, $2::jsonb, $3::integer, $4::float8, $5) as bulk',
        [options.queue ?? null, filterOf(options), options.most ?? null, options.perSecond ?? null, dryRun],
      ),
  })

/** Has failed jobs be no failures any more. Returns the exit code. */
export const discardFailed = (options: FailedOptions, deps: Deps): Promise<number> =>
  act(options, deps, {
    question: (jobs) => `Discard ${jobs}? They become cancelled.`,
    done: (jobs, action) => `${jobs} discarded. To take it back: pnpm supaqueue undo ${action}.`,
    work: (db, dryRun) =>
      db.change<{ bulk: Bulk }>(
        'select supaqueue.discard_where($1, $2::jsonb, $3::integer, $4) as bulk',
        [options.queue ?? null, filterOf(options), options.most ?? null, dryRun],
      ),
  })

type Doing = {
  question(jobs: string): string
  done(jobs: string, action: number): string
  work(db: Database, dryRun: boolean): Promise<{ bulk: Bulk }[]>
}

function act(options: FailedOptions, deps: Deps, { question, done, work }: Doing): Promise<number> {
  return look(options, deps, async (db) => {
    const say = (bulk: Bulk, message: string) => deps.say(options.json ? JSON.stringify(bulk) : plain(message))
    const [seen] = await work(db, true)
    const would = seen!.bulk
    const further = [
      !would.whole && ` Only the newest ${would.looked_at} failed jobs were looked at: call it again, or give --until.`,
      would.shortened && ` To undo it would give back only the beginning of ${would.shortened} errors: they are long.`,
    ].filter(Boolean).join('')
    if (would.jobs === 0) {
      say(would, `No failed job fits.${further}`)
      return EXIT.done
    }
    if (options.dryRun) {
      say(would, `${many(would.jobs)} would be meant. Dry run: nothing was changed.${further}`)
      return EXIT.done
    }
    if (!options.yes && !await confirm(deps, question(many(would.jobs)))) return EXIT.declined
    const [row] = await work(db, false)
    const { bulk } = row!
    const left = bulk.fitting - bulk.jobs
    say(
      bulk,
      (bulk.action === null ? 'None was changed.' : done(many(bulk.jobs), bulk.action)) +
        (left > 0 ? ` ${many(left)} left alone: somebody holds them, or their dedupe_key is taken.` : '') + further,
    )
    return EXIT.done
  })
}

/** How far something is that was done to many failed jobs. */
export const bulk = (options: Target & { action: string; json?: boolean }, deps: Deps): Promise<number> =>
  look(options, deps, async (db) => {
    type Told = Record<'jobs' | 'waiting' | 'in_progress' | 'succeeded' | 'failed' | 'undoable', number> & {
      act: string
      queue: string | null
      undone_at: string | null
      verdict: keyof typeof VERDICTS | null
    }
    const [row] = await db.query<{ told: Told }>('select supaqueue.bulk_progress($1) as told', [options.action])
    const told = row!.told
    if (options.json) deps.say(JSON.stringify(told))
    else {
      const { act, queue, jobs, waiting, in_progress, succeeded, failed, undoable, undone_at, verdict } = told
      const lines = [
        `${act} of ${many(jobs)} ${queue === null ? 'of all queues' : `of ${queue}`}: ${waiting} waiting, ` +
        `${in_progress} in progress, ${succeeded} succeeded, ${failed} failed.`,
        ...verdict ? [VERDICTS[verdict]] : [],
        undone_at === null
          ? `${undoable} can be taken back: pnpm supaqueue undo ${options.action}`
          : `It was taken back at ${undone_at}.`,
      ]
      deps.say(lines.map(plain).join('\n'))
    }
    return EXIT.done
  })

const VERDICTS = {
  stop: 'Stop: at least one failed again.',
  wait: 'Wait: some have not ended yet, and none has failed again.',
  look: 'Look: none failed again, but not all succeeded.',
  go: 'Go: all succeeded.',
}

/** Takes back what was done to many failed jobs. */
export const undo = (options: Target & { action: string; json?: boolean }, deps: Deps): Promise<number> =>
  look(options, deps, async (db) => {
    const [row] = await db.change<{ jobs: number }>('select supaqueue.undo_bulk($1) as jobs', [options.action])
    const jobs = row!.jobs
    deps.say(
      options.json
        ? JSON.stringify({ action: Number(options.action), jobs })
        : jobs === 0
        ? 'Nothing to take back: all have begun, or it was taken back before.'
        : `${many(jobs)} failed again, as before.`,
    )
    return EXIT.done
  })

function filterOf(options: FailedOptions): string {
  const { fingerprint, error, payload, where, since, until } = options
  return jsonWith(
    { fingerprint, error, where, since, until },
    'payload',
    payload && expectJson(payload, 'Nothing was changed.', '{"user": 7}'),
  )
}

const many = (count: number): string => (count === 1 ? '1 job' : `${count} jobs`)
