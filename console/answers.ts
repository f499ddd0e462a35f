// What the console's server answers, as its page reads it. Times are ISO texts, shares are from 0 to 1.

/** An error for a person: a stable code, what is wrong, and what to do next. */
export type Refusal = { code: string; message: string; hint: string }

export type Me = { database: string; readOnly: boolean }

/**
 * Per minute of the last hour, the oldest first: calls that ended, those of them that failed, and how many jobs were due,
 * which is null where it was not counted.
 */
export type Spark = { ended: number[]; failed: number[]; backlog: (number | null)[] }

export type Queue = {
  queue: string
  name: string
  target: string
  mode: 'push' | 'pull'
  paused: boolean
  paused_until: string | null
  paused_reason: string | null
  circuit_open_until: string | null
  circuit_reason: string | null
  circuit_target: string | null
  /** Since when calls are held back; null when they are not. */
  circuit_since: string | null
  paused_since: string | null
  paused_by: string | null
  /** What keeps its jobs from being begun, if something does that does not pass by itself, and what fixes it. */
  fault: string | null
  remedy: string | null
  max_rps: number | null
  workers: number
  workers_taken: number
  running: number
  /** Counted up to 10000, as are due and failed. */
  waiting: number
  due: number
  oldest_due: string | null
  failed: number
  per_minute: number
  error_rate: number | null
  p50_ms: number | null
  p95_ms: number | null
  /** Jobs a minute, in the last five minutes. */
  enqueued_per_minute: number
  ended_per_minute: number
  /** By how many jobs the backlog shrinks in a minute; below 0 it grows. */
  drains_per_minute: number
  /** In how many seconds the backlog is empty, if it goes on so; null when it does not shrink. */
  empty_s: number | null
  spark: Spark
}

export type Overview = { queues: Queue[]; swept_at: string | null }

export const STATUSES = ['in_progress', 'pending', 'held', 'success', 'failed', 'cancelled'] as const
export type Status = (typeof STATUSES)[number]

export type JobLine = {
  id: number
  queue_name: string
  status: Status
  attempts: number
  priority: number
  created_at: string
  run_at: string
  finished_at: string | null
  /** The beginning of it, as text. */
  payload: string
  error: string | null
  progress_percent: number | null
  dedupe_key: string | null
  batch: string | null
  /** How long its last call took. */
  call_ms: number | null
}

/** By what a list of jobs is sorted, where it is not as the list comes. */
export const SORTS = ['oldest', 'due', 'priority', 'attempts', 'slowest'] as const
export type Sort = (typeof SORTS)[number]

/**
 * `next` leads to what follows; null at the end. `full` is false when there may be more that fit, not reached yet.
 * `sorted`: among how many jobs it was sorted, the first that fit; null where the whole list is in this order.
 */
export type Jobs = { jobs: JobLine[]; next: string | null; full: boolean; sorted: number | null; queues: string[] }

export type Explanation = {
  job: number
  status: Status
  text: string
  reasons: ({ code: string; text: string } & Record<string, unknown>)[]
}

export type Attempt = {
  id: number
  attempt: number
  outcome: string
  begun_at: string | null
  ended_at: string
  ms: number | null
  status: number | null
  error: string | null
  head: string | null
  run: string | null
  region: string | null
}

export type Dependency = {
  job: number
  queue_name: string
  status: Status
  on_failure: string
  ended_as: Status | null
}

export type Lease = {
  id: string
  run: string | null
  worker: string | null
  begun_at: string | null
  lease_until: string
}

export type Job = JobLine & {
  /** The dedupe key it had until it began. */
  begun_key: string | null
  /** How many jobs a call with it may bring, since one of several died. */
  batch_limit: number | null
  queue: string
  updated_at: string
  deferrals: number
  max_attempts: number
  /** JSON texts, as are payload and state. */
  result: string | null
  full_payload: string
  state: string | null
  progress_note: string | null
  concurrency_key: string | null
  version: number | null
  waits_for: number
  retry_of: number | null
  explain: Explanation
  lease: Lease | null
  /** Where its calls go, by what method, and the names of the headers that queue and job give them. */
  request: { method: string; target: string; headers: string[] }
  /** The newest hundred, the first one first. */
  tries: Attempt[]
  /** The parts of its function that are remembered: the first two hundred. */
  steps: Step[]
  sources: Dependency[]
  targets: Dependency[]
  copies: number[]
}

export type Step = {
  name: string
  occurrence: number
  /** Of a map, from 1; else 0. */
  item: number
  kind: 'run' | 'map' | 'sleep' | 'wait'
  status: 'running' | 'failed' | 'given_up' | 'sleeping' | 'waiting' | 'done' | 'timed_out'
  attempts: number
  items: number | null
  until: string | null
  begun_at: string
  ended_at: string | null
  ms: number | null
  error: string | null
  /** The last tries that did not succeed. */
  tries: { attempt: number; at: string; ms?: number | null; error: string | null }[]
}

export type FailureGroup = {
  queue: string
  queue_name: string
  fingerprint: string
  jobs: number
  first_seen: string
  last_seen: string
  example_job: number
  /** Failures in each of the last 24 hours, the oldest first. */
  trend: number[]
}

/** `most`: how many failed jobs of each queue are counted, the newest ones. */
export type Failures = { groups: FailureGroup[]; most: number; queues: string[] }

/** Which failed jobs are meant. The payload is what theirs contains, as JSON text: no number of it loses digits. */
export type FailedFilter = Record<string, unknown> & { payload?: string }

/**
 * What was done, or would be, to many failed jobs. `action` is null where nothing was. `shortened`: of how many jobs an undo
 * gives back only the beginning of the error.
 */
export type Bulk = {
  action: number | null
  jobs: number
  fitting: number
  looked_at: number
  whole: boolean
  shortened?: number
}

export type BulkLine = {
  id: number
  at: string
  act: 'retry' | 'discard'
  queue: string | null
  filter: FailedFilter
  jobs: number
  undone_at: string | null
}

/** The newest five. */
export type Bulks = { actions: BulkLine[] }

/** How the jobs fare that something was done to. */
export type BulkProgress = {
  action: number
  act: 'retry' | 'discard'
  at: string
  queue: string | null
  filter: FailedFilter
  per_second: number | null
  jobs: number
  waiting: number
  in_progress: number
  succeeded: number
  failed: number
  cancelled: number
  deleted: number
  undoable: number
  undone_at: string | null
  verdict: 'stop' | 'wait' | 'look' | 'go' | null
}

export type Schedule = {
  id: string
  name: string
  queue_name: string
  cron: string
  time_zone: string
  /** The beginning of it, as text. */
  payload: string
  /** JSON text; null where it is too large for a list. */
  full_payload: string | null
  catch_up: string
  overlap: boolean
  enabled: boolean
  next_at: string | null
  last_at: string | null
  last_job: number | null
  last_status: Status | null
}

export type Schedules = { schedules: Schedule[] }

export type Backfill = {
  backfill: number
  status: 'running' | 'done' | 'cancelled'
  rows: number
  percent: number | null
  reason: string | null
}

/** A hook, what it has made among the newest jobs, and what is wrong with it. */
export type Hook = {
  hook: string
  table: string
  queue: string
  events: string[]
  columns: string[] | null
  ignore: string[] | null
  when: string | null
  payload: string
  soft: boolean
  ordered: string | null
  coalesce: string | null
  delay: string | null
  enabled: boolean
  off_since: string | null
  off_reason: string | null
  made: number
  waiting: number
  failed: number
  last_at: string | null
  gaps: string[]
  faults: { at: string; code: string; reason: string }[]
  lost: number
  backfills: Backfill[]
}

export type Hooks = { hooks: Hook[] }

/** Jobs of each status, counted up to 10000 in all. */
export type Batch = {
  id: string
  label: string | null
  queue_name: string
  created_at: string
  jobs: Partial<Record<Status, number>>
}

/** A job that others must end before, and on which none depends: the last one of a pipeline. */
export type Ending = { job: number; queue_name: string; status: Status; sources: number; waits_for: number }

/** The newest of each. */
export type Pipelines = { endings: Ending[]; batches: Batch[] }

export type GraphJob = { job: number; queue_name: string; status: Status; progress_percent: number | null }

/** The jobs that hang together with one: `all` is false when there are more than are shown. */
export type Graph = { jobs: GraphJob[]; edges: { source: number; target: number }[]; all: boolean }

/** One thing that somebody should know. `remedy` is the one statement or command that fixes it, or undoes what is meant so. */
export type Finding = {
  code: string
  severity: 'error' | 'warning' | 'info'
  text: string
  remedy: string | null
  since: string | null
  queue: string | null
}

/** What the database knows about dispatch, the worst first. */
export type Findings = { findings: Finding[] }

export type Health = { checks: { name: string; ok: boolean; skipped?: boolean; detail: string; fix?: string }[] }

/** One thing that could not be done, so that the others go on: what, why, and when it is tried again. */
export type SetAside = {
  kind: string
  subject: string
  job: number | null
  queue_name: string | null
  code: string
  reason: string
  tries: number
  since: string
  next_try_at: string
}

/** The first two hundred, and how many there are, counted up to 10000. */
export type Aside = { count: number; aside: SetAside[] }

/** What somebody did. Values that may be secret are left out. */
export type AuditLine = {
  id: number
  at: string
  act: string
  queue_name: string | null
  job: number | null
  jobs: number | null
  role: string
  subject: string | null
  application: string | null
  person: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** The newest first; `next` leads to what was done before. */
export type Audit = { acts: AuditLine[]; next: number | null }

/** How many jobs something was done to, and the first twenty that refused it. */
export type Done = { done: number; refused: (Refusal & { job: number })[] }

/** The columns of a queue that the console can change. */
export const QUEUE_SETTINGS = [
  'timeout_ms',
  'per_key',
  'batch_size',
  'batch_wait_ms',
  'max_attempts',
  'retry_base_ms',
  'retry_factor',
  'retry_max_ms',
  'max_deferrals',
  'max_defer_ms',
  'payload_max_bytes',
  'result_max_bytes',
  'keep_success',
  'keep_failed',
  'keep_success_attempts',
  'batch_by',
  'batch_counts',
  'ordered',
  'after_failure',
  'dedupe_until',
] as const
export type QueueSetting = (typeof QUEUE_SETTINGS)[number]

/** All there is to know of one queue. */
export type QueuePage = {
  queue: Queue
  /** The columns of the queue that say how it is called; of headers only the names, of secrets only how many. */
  settings: Record<string, unknown>
  /** The last 24 hours, the oldest first. */
  day: Spark
  /** The first fifty, those that have a job first. */
  workers: { id: string; job: number | null; run: string | null; begun_at: string | null; lease_until: string | null }[]
  /** What makes its jobs. */
  feeds: {
    kind: 'access' | 'hook' | 'schedule' | 'subscription'
    name: string
    detail: string | null
    enabled: boolean
  }[]
  leader: { run: string | null; awake_until: string | null; woken_at: string | null } | null
}

/** A stretch of a dispatcher's work for one queue, as far as the database knows it. */
export type Run = {
  queue_name: string
  /** Null: claimed, and no run has come for it yet. */
  run: string | null
  leads: boolean
  awake_until: string | null
  /** Since when it leads, and how many turns it has taken; null where it does not say. */
  led_since: string | null
  turns: number | null
  calls: number
  since: string | null
  lease_until: string | null
  /** It leads, and its heartbeat is over. */
  silent: boolean
}

/** A process that stays and serves queues, as supaqueue.health() lists it. */
export type Process = {
  id: string
  /** Host and process id. */
  name: string
  /** ISO text, as `heard_until`. */
  begun_at: string
  /** When its lease ends, or ended. */
  heard_until: string
  alive: boolean
  /** Names of the queues that it serves; null for all. */
  queues: string[] | null
  /** Whether it may call edge functions. */
  functions: boolean
  /** How many queues it leads, and the first hundred of their names. */
  leads: number
  leading: string[]
  /** Not heard of, and no other serves what it served. */
  missed: boolean
}

export type Runs = {
  runs: Run[]
  processes: Process[]
  dispatch:
    | {
      accepted_at: string | null
      refused_at: string | null
      refused_since: string | null
      refusals: number
      status: number | null
      code: string | null
      message: string | null
      hint: string | null
      run: string | null
      run_at: string | null
    }
    | null
  sweep: { swept_at: string; ms: number; leases_lost: number; queues_woken: number } | null
  /** Jobs that were begun, and claims that were lost, in each of the last hours; the newest first. */
  hours: { at: string; begun: number; leases_lost: number }[]
}

/** A rule of what somebody is to be told when it stays wrong. `queue` null: each queue. */
export type AlertRule = {
  name: string
  kind: string
  queue: string | null
  threshold: number
  clear_below: number | null
  /** Intervals, as the database writes them. */
  raise_after: string
  clear_after: string
  notify: string
  enabled: boolean
  state: 'firing' | 'rising' | 'well' | 'off'
  told_at: string | null
  told_state: 'firing' | 'resolved' | null
  told_text: string | null
  told_job: number | null
  troubles: { subject: string; since: string; raised_at: string | null; well_since: string | null; text: string }[]
}

export const ALERT_KINDS = [
  'backlog_older_than',
  'error_rate_above',
  'failed_more_than',
  'circuit_open',
  'dispatch_refused',
  'sweep_silent',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export type Alerts = { rules: AlertRule[]; queues: string[] }
