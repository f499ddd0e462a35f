// The turn: one round trip between a run and the database. Its other home is docs/reference/turn.md; `read.ts` checks what comes.

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** The outcome of one call, under the token that proves who may report it. */
export type Report = {
  token: string
  outcome:
    | 'success'
    | 'failed'
    | 'unknown'
    | 'divided'
    | 'not_run'
    | 'deferred'
    | 'rescheduled'
    | 'killed'
    | 'dropped'
    | 'continued'
    | 'parked'
    | 'later'
  status?: number
  result?: Json
  error?: string
  retry_after_ms?: number
  run_at?: string
  state?: Json
  lease_ms?: number
  ms?: number
  head?: string
  region?: string
  /** False when the call did not get as far as its target. One that failed met no host, which counts against its circuit. */
  reached?: false
}

export type TurnRequest = {
  run: string
  queue: string
  reports: Report[]
  room: number
  sleepy: boolean
  /** How long the run can wait for a planned job. Without sleepy it is put to sleep for nothing else. */
  back_in_ms?: number
  stop: boolean
  retire: boolean
  have: string[] | null
  /** Calls that went out, and have not come back, since it was last said: from now on they use an attempt. */
  called: string[]
  /** How much payload the answer may bring, in bytes; one job it may bring whatever its size. */
  max_bytes: number
  /** How many turns the run has taken, this one included. */
  turns: number
  /** The run hears of commits, by NOTIFY, and would rather be told of jobs than look. */
  listen?: true
  hello: boolean
  /** With hello: the address of the project that the dispatcher is in. */
  project?: string
  /** With hello: the fingerprints of the secrets that the dispatcher knows, the current one first. */
  fingerprints?: string[]
}

// Rows are read loosely: a column the dispatcher does not know belongs to a newer database, and one that is missing to
// an older one.
export type QueueRow = {
  id: string
  name: string
  edge_function_name?: string | null
  url?: string | null
  method?: string | null
  allowed_hosts?: string[] | null
  signing_secrets?: string[] | null
  result_max_bytes?: number | null
  redact?: string[] | null
  heeds?: string[] | null
  opens?: string[] | null
  default_headers: Record<string, unknown>
  max_attempts?: number | null
  timeout_ms: number
}

export type Claim = {
  /** `call`: jobs that have it in common come in one call. */
  current_job: { id: string; call?: string | null }
  job: {
    id: number | string
    /** The payload's JSON text, sent as it came so that no number loses digits. */
    payload: string
    attempts: number
    url?: string | null
    method?: string | null
    headers?: Record<string, unknown> | null
    query?: Record<string, unknown> | null
    timeout_ms?: number | null
    max_attempts?: number | null
    version?: number | null
    /** What the last slice handed on: JSON text, as the payload. */
    state?: string | null
    /** What it was made of: texts that go with the call as headers supaqueue-<key>. */
    origin?: Record<string, unknown> | null
  }
}

/** What became of a call. */
export type Outcome = Omit<Report, 'token'>

/** Secrets of Vault, by name. */
export type Secrets = Record<string, string>

export type TurnAnswer = {
  now_ms: number
  queue?: QueueRow | null
  secrets?: Secrets | null
  jobs: Claim[]
  again: string[]
  stale: string[]
  state: 'awake' | 'leave' | 'asleep'
  leader: boolean
  /** With `asleep`: look again then, for a planned job. */
  back_in_ms?: number | null
  /** With listen: after how many milliseconds to look, if nobody tells of anything. */
  look_ms?: number | null
  /** How long nothing may be begun, whatever is due. */
  wait_ms?: number | null
  settings?: Record<string, string> | null
}
