import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/markdown.ts'

/**
 * What a job may have of its own is one list: the columns that insert_job inserts. SQL that is static has to say it again wherever a
 * job is written, copied, handed out or described; a column that one of these places forgets would be lost there in silence.
 */

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const words = (text: string) => new Set(text.match(/\w+/g))
const part = (path: string, from: string, to: string) => {
  const text = read(path)
  const start = text.indexOf(from)
  const end = text.indexOf(to, start + from.length)
  if (start < 0 || end < 0) throw new Error(`${path} has no part from ${from} to ${to}`)
  return text.slice(start, end)
}

/** What is no option: where the job belongs, and what the queue makes of it. */
const HOUSEKEEPING = ['queue', 'status', 'batch', 'batch_index', 'owner']
const insertJob = 'functions/core/enqueue/insert_job.sql'
const options = part(insertJob, 'insert into supaqueue.job (', ')').split('(')[1]!.match(/\w+/g)!
  .filter((column) => !HOUSEKEEPING.includes(column))

/** Of each call, but what the database keeps to itself: when and in which order it comes, and how often it is tried. */
const ofCalls = ['payload', 'url', 'method', 'headers', 'query', 'timeout_ms', 'max_attempts', 'version']

test('the list is not empty', () => expect(options.length).toBeGreaterThan(10))

test.for<[string, string, string, string, string[]]>([
  ['a job that replaces another', insertJob, 'update supaqueue.job', 'where job.id', ['dedupe_key']],
  ['many jobs, as they are read', 'functions/modules/bulk/enqueue_many.sql', "known constant text[] := '{", '}', []],
  [
    'many jobs, as they are inserted',
    'functions/modules/bulk/enqueue_many.sql',
    'insert into supaqueue.job (',
    ')',
    [],
  ],
  ['many jobs that replace others', 'functions/modules/bulk/replace_jobs.sql', 'do update set', 'where job.status', [
    'dedupe_key',
  ]],
  ['a copy of a failed job', 'functions/modules/failures/reprocess.sql', 'insert into supaqueue.job (', ')', [
    'run_at',
  ]],
  [
    'what others than the owner may set',
    'functions/core/enqueue/on_job_by_others.sql',
    'kept.queue := new.queue',
    'return',
    [],
  ],
  // Any priority, time and version will do.
  [
    'what is looked at when it changes',
    'functions/core/enqueue/check_changed_job.sql',
    'before update of',
    'on supaqueue.job',
    ['priority', 'run_at', 'version'],
  ],
  ['the grant for a role that enqueues', 'docs/reference/rights.md', 'grant insert (', ') on', []],
])('%s: no option is forgotten', ([, path, from, to, exceptions]) => {
  const named = words(part(path, from, to))

  expect(options.filter((option) => !named.has(option)).sort()).toEqual([...exceptions].sort())
})

/** What reports and progress have left in a job: started over, it has none of it. The rest is what became of it, and when. */
const traces = [
  ...part('functions/core/report/report.sql', 'update supaqueue.job', 'from settled_report').matchAll(
    /^ {6}(\w+) = /gm,
  ),
  ...part('functions/core/report/progress.sql', 'update supaqueue.job', 'from supaqueue.current_job')
    .matchAll(/^ {4}(\w+) = /gm),
].map(([, column]) => column!).filter((column) =>
  !['updated_at', 'status', 'run_at', 'finished_at', 'call_ms'].includes(column)
)

test('the list of what reports leave is not empty', () => expect(traces.length).toBeGreaterThan(10))

test.for<[string, string, string, string, string[]]>([
  ['one that is replaced', insertJob, 'update supaqueue.job', 'where job.id', []],
  ['many that are replaced', 'functions/modules/bulk/replace_jobs.sql', 'do update set', 'where job.status', []],
  // It goes on from its state.
  ['one that is retried', 'functions/core/control/retry.sql', 'update supaqueue.job', 'where job.id', ['state']],
  ['many that are retried', 'functions/modules/failures/retry_failed.sql', 'update supaqueue.job', 'from chosen', [
    'state',
  ]],
])('a job that starts over, %s: nothing of what became of it stays', ([, path, from, to, exceptions]) => {
  const set = words(part(path, from, to))

  expect(traces.filter((column) => !set.has(column)).sort()).toEqual([...exceptions].sort())
})

test('a turn hands out each option that a call needs', () => {
  const turn = part('functions/core/supaqueue_turn.sql', 'with held as', 'order by held.priority')

  expect(ofCalls.filter((option) => !options.includes(option))).toEqual([])
  expect(
    ofCalls.filter((option) => !new RegExp(`\\bjob\\.${option}\\b[^]*'${option}', held\\.${option}\\b`).test(turn)),
  ).toEqual([])
})

/** Options of URL queues, which have an endpoint of their own at the HTTP API: a task names its request. */
const ofRequests = ['url', 'method', 'query', 'retry_base_ms', 'retry_max_ms']

test('who enqueues by SQL, or at the HTTP API, may give each option but those of requests', () => {
  const sql = words(part('functions/core/enqueue/enqueue.sql', 'create or replace function', 'returns bigint'))
  const door = words(part('supabase/functions/supaqueue-api/jobs.ts', 'const shared = {', '\n}'))

  expect(options.filter((option) => !sql.has(option))).toEqual(ofRequests)
  expect(options.filter((option) => !door.has(option))).toEqual(ofRequests)
})
