import type { Database } from '../project/database.ts'
import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { plain } from '../terminal/plain.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { expectJson } from './expect_json.ts'

// What changes something about queues and jobs: each is one call of the database, and says what came of it.

type Act = Target & { json?: boolean }

export type CreateQueueOptions = Act & {
  name: string
  function?: string
  workers?: number
  maxRps?: number
  maxAttempts?: number
  timeoutMs?: number
  url?: string
}

/** Makes a queue, or changes it. */
export const createQueue = (options: CreateQueueOptions, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const { name, workers, maxRps, maxAttempts, timeoutMs, url } = options
    const [row] = await db.change<{ id: string }>(
      `select supaqueue.create_queue($1, $2, workers => $3::integer, max_rps => $4::float8, url => $5,
         max_attempts => $6::integer, timeout_ms => $7::integer) as id`,
      [
        name,
        options.function ?? null,
        workers ?? null,
        maxRps ?? null,
        url ?? null,
        maxAttempts ?? null,
        timeoutMs ?? null,
      ],
    )
    const [queue] = await db.query<{ workers: number }>(
      'select count(*)::integer as workers from supaqueue.worker where worker.queue = $1::uuid',
      [row?.id],
    )
    const calls = queue?.workers === 1 ? 'one call' : `${queue?.workers} calls`
    return { message: `The queue ${name} makes ${calls} at once.`, queue: name, id: row?.id, workers: queue?.workers }
  })

/** Stops a queue from beginning jobs, until it is resumed or for a while. */
export const pause = (options: Act & { queue: string; for?: string; reason?: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    await db.change('select supaqueue.pause($1, clock_timestamp() + $2::interval, $3)', [
      options.queue,
      options.for ?? null,
      options.reason ?? null,
    ])
    const [row] = await db.query<{ until: string | null; waiting: number }>(
      `select to_jsonb(paused_until) #>> '{}' as until from supaqueue.queue
       where id = (supaqueue_internal.find_queue($1)).id`,
      [options.queue],
    )
    return {
      message: `${options.queue} is paused ${row?.until ? `until ${row.until}` : 'until it is resumed'}.`,
      queue: options.queue,
      paused: true,
      until: row?.until ?? null,
    }
  })

/** Has a queue go on. */
export const resume = (options: Act & { queue: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ changed: boolean }>('select supaqueue.resume($1) as changed', [options.queue])
    return {
      message: row?.changed ? `${options.queue} goes on.` : `${options.queue} was not paused.`,
      queue: options.queue,
      paused: false,
      changed: row?.changed ?? false,
    }
  })

/** Has a copy of a project send its jobs. */
export const adopt = (options: Act & { yes?: boolean; dryRun?: boolean }, deps: Deps): Promise<number> =>
  look(options, deps, async (db) => {
    const [state] = await db.query<{ original: string | null; here: string | null; jobs: number; queues: number }>(
      `select
         (select project from supaqueue.home where adopted order by seen_at limit 1) as original,
         (select project from supaqueue.home where not adopted order by seen_at desc, id limit 1) as here,
         count(*)::integer as jobs, count(distinct waiting.queue)::integer as queues
       from (
         select job.queue from supaqueue.job join supaqueue.queue on queue.id = job.queue
         where job.status in ('pending', 'in_progress') and queue.mode = 'push' limit 10000
       ) as waiting`,
    )
    const { original = null, here = null, jobs = 0, queues = 0 } = state ?? {}
    const say = (message: string, adopted: boolean) =>
      deps.say(options.json ? JSON.stringify({ original, here, jobs, queues, adopted }) : plain(message))
    if (here === null) {
      say(
        'Nothing to adopt: no dispatcher was refused. This database belongs to ' + (original ?? 'whoever asks first') +
          '.',
        false,
      )
      return EXIT.done
    }
    const story = `${here} calls nobody, for this database is a copy of ${original}. ${
      jobs === 10000 ? '10000 or more' : jobs
    } jobs of ${queues} queues wait, and would be sent.`
    if (options.dryRun) {
      say(`${story} Dry run: nothing was changed.`, false)
      return EXIT.done
    }
    if (!options.json) deps.say(plain(story))
    if (!options.yes && !await confirm(deps, 'Send them from here?')) return EXIT.declined
    await db.change('select supaqueue.adopt()')
    say(`${here} sends its jobs from the next sweep on.`, true)
    return EXIT.done
  })

/** Begins a job anew that has ended. */
export const retry = (options: Act & { id: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    await db.change('select supaqueue.retry($1)', [options.id])
    return { message: `Job ${options.id} starts over.`, job: Number(options.id) }
  })

/** Takes a job back. */
export const cancel = (options: Act & { id: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ cancelled: boolean }>('select supaqueue.cancel($1) as cancelled', [options.id])
    return {
      message: row?.cancelled ? `Job ${options.id} is cancelled.` : `Job ${options.id} had ended before.`,
      job: Number(options.id),
      cancelled: row?.cancelled ?? false,
    }
  })

export type EnqueueOptions = Act & {
  queue: string
  payload: string
  delay?: string
  priority?: number
  dedupeKey?: string
  concurrencyKey?: string
  debounce?: string
  maxWait?: string
  throttle?: string
}

/** Puts a job into a queue. */
export const enqueue = (options: EnqueueOptions, deps: Deps): Promise<number> => {
  const { queue, payload, delay, priority, dedupeKey, concurrencyKey, debounce, maxWait, throttle } = options
  expectJson(payload, 'Nothing was enqueued.', '{"name": "Ada"}')
  return act(options, deps, async (db) => {
    const [row] = await db.change<{ job: string }>(
      `select supaqueue.enqueue($1, $2::jsonb, priority => coalesce($3::integer, 0), delay => $4::interval,
         dedupe_key => $5, concurrency_key => $6, debounce => $7::interval, max_wait => $8::interval,
         throttle => $9::interval) as job`,
      [queue, payload, priority, delay, dedupeKey, concurrencyKey, debounce, maxWait, throttle].map((one) =>
        one ?? null
      ),
    )
    return {
      message: `Job ${row?.job} waits in ${queue}. Its story: pnpm supaqueue job ${row?.job}`,
      job: Number(row?.job),
    }
  })
}

export type SetAlertOptions = Act & {
  name: string
  kind: string
  threshold: number
  notify: string
  queue?: string
  clearBelow?: number
  raiseAfter?: string
  clearAfter?: string
}

/** Makes an alert rule, or replaces the one of the same name. */
export const setAlert = (options: SetAlertOptions, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const { name, kind, threshold, notify, queue, clearBelow, raiseAfter, clearAfter } = options
    const [row] = await db.change<{ id: string }>(
      `select supaqueue.set_alert($1, $2, $3::float8, $4, queue => $5, clear_below => $6::float8,
         raise_after => $7::interval, clear_after => $8::interval) as id`,
      [name, kind, threshold, notify, queue ?? null, clearBelow ?? null, raiseAfter ?? null, clearAfter ?? null],
    )
    return {
      message: `${notify} is told when ${name} fires: ${kind} ${threshold}, ${
        queue ? `of ${queue}` : 'of each queue'
      }.`,
      alert: name,
      id: row?.id,
    }
  })

/** Switches an alert rule on or off. */
export const enableAlert = (options: Act & { name: string; enabled: boolean }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const { name, enabled } = options
    await db.change('select supaqueue.enable_alert($1, $2)', [name, enabled])
    return { message: `${name} is ${enabled ? 'on' : 'off, and tells nobody'}.`, alert: name, enabled }
  })

/** Takes an alert rule away. */
export const deleteAlert = (options: Act & { name: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    await db.change('select supaqueue.delete_alert($1)', [options.name])
    return { message: `${options.name} is deleted.`, alert: options.name, deleted: true }
  })

function act(options: Act, deps: Deps, work: (db: Database) => Promise<{ message: string }>): Promise<number> {
  return look(options, deps, async (db) => {
    const { message, ...facts } = await work(db)
    deps.say(options.json ? JSON.stringify(facts) : plain(message))
    return EXIT.done
  })
}

/** Has a hook capture nothing. */
export const pauseHook = (options: Act & { name: string; reason?: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ since: string }>(
      `select to_jsonb(supaqueue.pause_hook($1, $2)) #>> '{}' as since`,
      [options.name, options.reason ?? null],
    )
    return {
      message: `The hook ${options.name} captures nothing. What changes meanwhile becomes no job, also not later.`,
      hook: options.name,
      enabled: false,
      since: row?.since ?? null,
    }
  })

/** Has a hook capture again. */
export const resumeHook = (options: Act & { name: string }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ changed: boolean }>('select supaqueue.resume_hook($1) as changed', [options.name])
    return {
      message: row?.changed ? `The hook ${options.name} captures again.` : `The hook ${options.name} was not paused.`,
      hook: options.name,
      enabled: true,
      changed: row?.changed ?? false,
    }
  })

export type BackfillOptions = Act & { hook: string; where?: string; rate?: number; anyOrder?: boolean }

/** Makes jobs of the rows that are there already. */
export const backfill = (options: BackfillOptions, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ id: string }>(
      'select supaqueue.backfill($1, $2, coalesce($3::float8, 100), $4) as id',
      [options.hook, options.where ?? null, options.rate ?? null, options.anyOrder ?? false],
    )
    return {
      message: `Backfill ${row?.id} begins with the next sweep. How far it is: pnpm supaqueue hooks`,
      hook: options.hook,
      backfill: Number(row?.id),
    }
  })

/** Stops a backfill, or has it go on. */
export const switchBackfill = (options: Act & { id: string; running: boolean }, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ changed: boolean }>(
      options.running
        ? 'select supaqueue.resume_backfill($1) as changed'
        : 'select supaqueue.cancel_backfill($1) as changed',
      [options.id],
    )
    const [does, did] = options.running ? ['goes on', 'was going on, or is done'] : ['is cancelled', 'had ended before']
    return {
      message: `Backfill ${options.id} ${row?.changed ? does : did}.`,
      backfill: Number(options.id),
      changed: row?.changed ?? false,
    }
  })

export type ReplayOptions = Act & { hook: string; since: string; until?: string; most?: number }

/** Sends once more what a hook has sent in a time. */
export const replay = (options: ReplayOptions, deps: Deps): Promise<number> =>
  act(options, deps, async (db) => {
    const [row] = await db.change<{ jobs: number[] }>(
      'select to_jsonb(supaqueue.replay($1, $2::timestamptz, coalesce($3::timestamptz, now()), coalesce($4::integer, 1000))) as jobs',
      [options.hook, options.since, options.until ?? null, options.most ?? null],
    )
    const jobs = row?.jobs ?? []
    return {
      message: jobs.length === 1 ? 'One job is sent once more.' : `${jobs.length} jobs are sent once more.`,
      hook: options.hook,
      jobs,
    }
  })
