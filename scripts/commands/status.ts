import { setTimeout as pause } from 'node:timers/promises'
import { HintedError } from '../hinted_error.ts'
import type { Database } from '../project/database.ts'
import { openDatabase } from '../project/database.ts'
import { completeUrl } from '../project/database_url.ts'
import { openProject, type Target } from '../project/open.ts'
import type { World } from '../world.ts'
import { EXIT } from './exit.ts'

export type StatusOptions = Target & { json?: boolean; watch?: boolean; everySeconds: number }

export type QueueStatus = {
  queue: string
  /** The function's name, or the URL without its parameters. */
  calls: string
  paused: boolean
  workers: number
  /** Workers that have a job. */
  busy: number
  /** Due now. */
  waiting: number
  /** Pending, due later. */
  planned: number
  held: number
  failed: number
  /** Jobs finished in the last minute. */
  per_minute: number
  /** How long the first of the waiting ones has been due, in seconds. */
  oldest_seconds: number | null
  /** While the target is left alone because it turned calls away: until when, as ISO text, and what it said last. */
  open_until: string | null
  open_reason: string | null
}

/** Shows every queue: once, or again and again until Ctrl-C. Returns the exit code. */
export async function status(options: StatusOptions, world: World): Promise<number> {
  const { db, end } = await openDatabaseOnly(options, world)
  try {
    do {
      const queues = await readStatus(db)
      if (options.watch && world.interactive) world.say('\x1b[2J\x1b[H'.concat(new Date().toLocaleTimeString('en-GB')))
      world.say(options.json ? JSON.stringify(queues) : table(queues))
      if (options.watch) await pause(options.everySeconds * 1000)
    } while (options.watch)
    return EXIT.done
  } finally {
    await end()
  }
}

/** A database URL is enough to look: no token is asked for where one is given. */
async function openDatabaseOnly(options: Target, world: World): Promise<{ db: Database; end(): Promise<void> }> {
  const given = options.dbUrl ?? world.env.SUPAQUEUE_DB_URL
  if (given === undefined || options.local) return await openProject(options, world)
  const db = openDatabase(completeUrl(given, world.env.SUPABASE_DB_PASSWORD))
  return { db, end: db.end }
}

/** One row per queue, by name. */
export async function readStatus(db: Database): Promise<QueueStatus[]> {
  const [schema] = await db.query<{ exists: boolean; current: boolean }>(
    `select to_regclass('supaqueue.job') is not null as exists, to_regclass('supaqueue.circuit') is not null as current`,
  )
  if (!schema?.exists) {
    throw new HintedError('SQ404', 'supaqueue is not installed in this database', 'pnpm supaqueue:install')
  }
  if (!schema.current) throw new HintedError('SQ409', 'the database is of an older release', 'pnpm supaqueue:upgrade')
  return await db.query<QueueStatus>(`
    select queue.name as queue, coalesce(queue.edge_function_name, split_part(queue.url, '?', 1)) as calls, queue.paused,
      (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers,
      (select count(*)::integer from supaqueue.worker where worker.queue = queue.id and worker.locked) as busy,
      coalesce(job.waiting, 0) as waiting, coalesce(job.planned, 0) as planned, coalesce(job.held, 0) as held,
      coalesce(job.failed, 0) as failed, coalesce(job.per_minute, 0) as per_minute, job.oldest_seconds,
      to_char(circuit.open_until at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as open_until,
      case when circuit.open_until is not null then circuit.reason end as open_reason
    from supaqueue.queue
    left join supaqueue.circuit on circuit.queue = queue.id
    left join lateral (
      select
        count(*) filter (where status = 'pending' and run_at <= now())::integer as waiting,
        count(*) filter (where status = 'pending' and run_at > now())::integer as planned,
        count(*) filter (where status = 'held')::integer as held,
        count(*) filter (where status = 'failed')::integer as failed,
        count(*) filter (where finished_at > now() - interval '1 minute')::integer as per_minute,
        extract(epoch from now() - min(run_at) filter (where status = 'pending' and run_at <= now()))::integer as oldest_seconds
      from supaqueue.job where job.queue = queue.id
    ) as job on true
    order by queue.name`)
}

function table(queues: QueueStatus[]): string {
  if (queues.length === 0) return "No queue yet: insert into supaqueue.queue (edge_function_name) values ('...');"
  const rows = queues.map((q) => [
    q.paused ? `${q.queue} (paused)` : q.queue,
    q.calls,
    `${q.busy}/${q.workers}`,
    ...[q.waiting, q.planned, q.held, q.failed, q.per_minute].map(String),
    q.oldest_seconds === null ? '-' : age(q.oldest_seconds),
  ])
  const all = [['queue', 'calls', 'running', 'waiting', 'planned', 'held', 'failed', 'done/min', 'oldest'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const lines = all.map((row) =>
    row.map((text, column) => column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)).join('  ')
  )
  return [...lines, ...queues.filter(({ open_until }) => open_until !== null).map(leftAlone)].join('\n')
}

const leftAlone = ({ queue, open_until, open_reason }: QueueStatus): string =>
  `${queue} turned calls away, its circuit is open until ${open_until}: ${open_reason ?? 'no reason given'}`

function age(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}
