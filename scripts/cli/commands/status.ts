import { type DispatchHealth, type HealthFinding, processLine, readHealth } from '../checks/health.ts'
import type { Database } from '../project/database.ts'
import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import { again } from '../terminal/again.ts'
import { bar } from '../terminal/bar.ts'
import { plain } from '../terminal/plain.ts'
import { quoted } from '../terminal/quoted.ts'
import { type Column, table } from '../terminal/table.ts'
import { span } from '../terminal/times.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

export type StatusOptions = Target & { json?: boolean; watch?: boolean; everySeconds: number }

export type QueueStatus = {
  queue: string
  /** The function's name, or the URL without its parameters. */
  calls: string
  paused: boolean
  /** As ISO text; null: until it is resumed. */
  paused_until: string | null
  paused_reason: string | null
  workers: number
  /** Workers that have a job. */
  busy: number
  /** Due now. This and the next three are counted up to 10000. */
  waiting: number
  /** Pending, due later. */
  planned: number
  held: number
  failed: number
  /** Calls that ended in a minute, and the share of them that failed, in the last five minutes. */
  per_minute: number
  error_rate: number | null
  /** How long calls took, in milliseconds, in the last five minutes. */
  p50_ms: number | null
  p95_ms: number | null
  /** By how many jobs the backlog shrinks in a minute, below 0 it grows; and in how many seconds it is empty, if it shrinks. */
  drains_per_minute: number
  empty_seconds: number | null
  /** How long the first of the waiting ones has been due, in seconds. */
  oldest_seconds: number | null
  max_rps: number | null
  /** While the target is left alone because it turned calls away: until when, as ISO text, and what it said last. */
  open_until: string | null
  open_reason: string | null
  open_target: string | null
  /** What could not be done and was set aside, counted up to 10000, and why the one that was tried last could not. */
  set_aside: number
  set_aside_reason: string | null
  /** What keeps its jobs from being begun, if something does that does not pass by itself, and what fixes it. */
  fault: string | null
  remedy: string | null
}

/** The queues, and what somebody should know besides. */
type Seen = DispatchHealth & { queues: QueueStatus[] }

/** Shows every queue: once, or again and again until Ctrl-C. Returns the exit code. */
export function status(options: StatusOptions, deps: Deps): Promise<number> {
  return look(options, deps, async (db) => {
    const look = async (): Promise<Seen> => ({ queues: await readStatus(db), ...await readHealth(db) })
    if (!options.watch) return show(await look())
    let shown = false
    await again(deps, options.everySeconds * 1000, async () => {
      try {
        const seen = await look()
        if (options.json || !deps.screen) show(seen)
        else deps.screen.draw([head(), '', ...page(seen, deps.screen.columns)])
        shown = true
      } catch (reason) {
        if (!shown) throw reason
        // Who watches wants to see it come back.
        await db.end()
        const gone = `The database does not answer: ${(reason as Error).message}`
        if (deps.screen) deps.screen.draw([head(), '', gone])
        else deps.note(gone)
      }
    })
    return EXIT.done
  })

  function head(): string {
    return `${new Date().toLocaleTimeString('sv-SE')}  every ${options.everySeconds} s, Ctrl-C ends it`
  }

  function show(seen: Seen): number {
    deps.say(options.json ? JSON.stringify(seen.queues) : page(seen, deps.screen?.columns).join('\n'))
    return EXIT.done
  }
}

/** One row per queue, by name. */
const readStatus = (db: Database): Promise<QueueStatus[]> =>
  db.query<QueueStatus>(`
    select overview.name as queue, coalesce(queue.edge_function_name, split_part(queue.url, '?', 1)) as calls,
      overview.paused, ${iso('overview.paused_until')} as paused_until, overview.paused_reason,
      overview.workers::integer as workers, overview.workers_taken::integer as busy,
      overview.due as waiting, greatest(overview.waiting - overview.due, 0)::integer as planned,
      held.jobs::integer as held, overview.failed::integer as failed,
      overview.per_minute::float8, overview.error_rate::float8, overview.p50_ms::float8, overview.p95_ms::float8,
      extract(epoch from clock_timestamp() - overview.oldest_due)::integer as oldest_seconds,
      overview.drains_per_minute::float8, extract(epoch from overview.empty_in)::integer as empty_seconds,
      overview.max_rps::float8,
      ${iso('overview.circuit_open_until')} as open_until,
      case when overview.circuit_open_until is not null then overview.circuit_reason end as open_reason,
      overview.circuit_target as open_target,
      aside.things::integer as set_aside, aside.reason as set_aside_reason, overview.fault, overview.remedy
    from supaqueue.queue_overview as overview
    join supaqueue.queue on queue.id = overview.queue
    cross join lateral (
      select count(*) as jobs
      from (select from supaqueue.job where job.queue = queue.id and job.status = 'held' limit 10000) as counted
    ) as held
    cross join lateral (
      select count(*) as things, (array_agg(kind || ' ' || subject || ': ' || reason order by tried_at desc))[1] as reason
      from (select * from supaqueue.trouble where trouble.queue = queue.id limit 10000) as counted
    ) as aside
    order by overview.name`)

const iso = (time: string): string => `to_char(${time} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

const BAR = 10

// Told in the line of the queue they are about.
const OF_QUEUES = new Set(['no_workers', 'set_aside', 'circuit_open', 'paused'])

function page({ queues, findings, processes }: Seen, width?: number): string[] {
  const first = findings.filter(({ code }) => !OF_QUEUES.has(code)).flatMap(({ severity, text, remedy }) => [
    `${severity.toUpperCase()}: ${text}`,
    ...remedy ? [`  To fix it: ${remedy}`] : [],
  ])
  const lead = first.length > 0 ? [...first, ''] : []
  const alive = processes.filter((one) => one.alive).map(processLine)
  if (queues.length === 0) {
    return [...lead, ...alive, "No queue yet: select supaqueue.create_queue('emails', 'send-email', workers => 5);"]
      .map(plain)
  }
  const told = (queue: string, code: string, target?: string | null) =>
    findings.find((one) => one.code === code && (one.queue === queue || one.target && one.target === target))
  return [
    ...lead,
    ...table(columns(width !== undefined, queues), queues, width),
    ...queues.flatMap((queue) => because(queue, told)),
    ...alive.length > 0 ? ['', ...alive] : [],
  ].map(plain)
}

function columns(bars: boolean, queues: QueueStatus[]): Column<QueueStatus>[] {
  const most = Math.max(...queues.map(({ waiting }) => waiting))
  const drawn = (part: number, whole: number) => bars ? `${bar(part, whole, BAR)} ` : ''
  return [
    { head: 'queue', cell: (q) => q.paused ? `${q.queue} (paused)` : q.queue },
    { head: 'calls', cell: (q) => q.calls, spare: 5 },
    { head: 'running', cell: (q) => `${drawn(q.busy, q.workers)}${q.busy}/${q.workers}`, right: !bars },
    { head: 'waiting', cell: (q) => `${drawn(q.waiting, most)}${counted(q.waiting)}`, right: !bars },
    { head: 'planned', cell: (q) => counted(q.planned), right: true, spare: 2 },
    { head: 'held', cell: (q) => counted(q.held), right: true, spare: 3 },
    { head: 'failed', cell: (q) => counted(q.failed), right: true },
    { head: 'calls/min', cell: (q) => String(q.per_minute), right: true, spare: 1 },
    {
      head: 'errors',
      cell: (q) => q.error_rate === null ? '-' : `${Math.round(q.error_rate * 100)} %`,
      right: true,
      spare: 4,
    },
    { head: 'p95', cell: (q) => q.p95_ms === null ? '-' : `${q.p95_ms} ms`, right: true, spare: 6 },
    { head: 'oldest', cell: (q) => q.oldest_seconds === null ? '-' : span(q.oldest_seconds), right: true },
    { head: 'empty in', cell: outlook, right: true, spare: 7 },
  ]
}

function outlook({ waiting, paused, empty_seconds, drains_per_minute }: QueueStatus): string {
  if (waiting === 0 || paused) return '-'
  if (empty_seconds !== null) return `${waiting < 10_000 ? '' : '>'}${span(empty_seconds)}`
  return drains_per_minute < 0 ? 'grows' : '-'
}

const counted = (jobs: number): string => jobs < 10_000 ? String(jobs) : '10000+'

/** What holds a queue back, in words. */
function because(
  { queue, workers, waiting, set_aside, set_aside_reason, open_target }: QueueStatus,
  told: (queue: string, code: string, target?: string | null) => HealthFinding | undefined,
): string[] {
  const lines: string[] = []
  const paused = told(queue, 'paused')
  if (paused) lines.push(`${paused.text}. To go on: ${paused.remedy}`)
  if (workers === 0 && waiting > 0) {
    lines.push(`${queue} has no worker: select supaqueue.set_concurrency(${quoted(queue)}, 1);`)
  }
  const open = told(queue, 'circuit_open', open_target)
  if (open) lines.push(`${open.text}. To fix it: ${open.remedy}`)
  if (set_aside > 0) {
    lines.push(
      `${queue} has ${
        counted(set_aside)
      } set aside, such as ${set_aside_reason}. To try again: select supaqueue.try_again();`,
    )
  }
  return lines
}
