import { expect, test } from 'vitest'
import { functionFiles, isView } from '../../scripts/cli/database/files.ts'

// Who reads a view holds it until the transaction ends, and an upgrade that replaces it waits for all of them. Whatever every
// insert and every turn reads is read at each moment of a busy queue: such an upgrade would find none. So nothing there reads one.

/** What reads one all the same, and why that holds up no upgrade. */
const MEANT: Record<string, string> = {
  // Only turns read it, which are short, and it is replaced only by a release that changes it.
  'report outcome': 'the table of outcomes is what report decides by',
  'assert_reports outcome': 'which words a report may have is in the same table',
}

type File = { name: string; sql: string }

/** SQL without comments and texts. */
const bare = (sql: string) => sql.replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, "''")

/** Tables that are written with every job. */
const HOT = ['job', 'current_job', 'worker', 'heartbeat', 'wake_up', 'attempt']

/** Every function that runs when a queue is woken, a turn is taken, or one of these tables is written. */
function onTheWay(files: File[]): File[] {
  const byName = new Map(
    files.map((file) => [file.name, { ...file, sql: bare(file.sql) }]),
  )
  const triggers = files.flatMap(({ sql }) =>
    [
      ...bare(sql).matchAll(
        /create (?:constraint )?trigger [^;]+? on supaqueue\.(\w+)[^;]+?execute function \w+\.(\w+)/g,
      ),
    ]
      .filter(([, table = '']) => HOT.includes(table)).map((
        [, , routine = ''],
      ) => routine)
  )
  const reached = new Set(
    ['wake', 'supaqueue_turn', ...triggers].filter((name) => byName.has(name)),
  )
  // A set that grows while it is walked.
  for (const name of reached) {
    const calls = byName.get(name)!.sql.replace(/execute function [^;]*/g, '')
      .matchAll(
        /\b(?:supaqueue\w*|public)\.(\w+)\s*\(/g,
      )
    for (const [, called = ''] of calls) {
      if (byName.has(called)) reached.add(called)
    }
  }
  return [...reached].map((name) => byName.get(name)!)
}

/** `function view` of each function on the way that reads a view of ours. */
function readersOf(files: File[]): string[] {
  const views = files.filter(isView).map(({ name }) => name)
  return onTheWay(files).flatMap(({ name, sql }) =>
    views.filter((view) => new RegExp(`\\bsupaqueue(_internal)?\\.${view}\\b`).test(sql)).map((view) =>
      `${name} ${view}`
    )
  )
}

test('a function that reads a view would be found, however far it is from the insert', () => {
  const files = [
    { name: 'seen', sql: 'create or replace view supaqueue.seen as select 1;' },
    {
      name: 'far',
      sql: 'select from supaqueue.seen -- and not supaqueue.other(',
    },
    { name: 'near', sql: 'perform supaqueue_internal.far(1);' },
    { name: 'other', sql: 'select from supaqueue.seen' },
    {
      name: 'on_job',
      sql: `perform supaqueue_internal.near();
        create constraint trigger on_job after insert on supaqueue.job for each row execute function supaqueue_internal.on_job();`,
    },
  ]

  expect(readersOf(files)).toEqual(['far seen'])
})

test('all that is on the way was found', () => {
  const names = onTheWay(functionFiles()).map(({ name }) => name)

  expect(names).toEqual(
    expect.arrayContaining([
      'ensure_run',
      'claim',
      'due_jobs',
      'net_fault',
      'report',
      'check_inserted_job',
      'on_job_ready',
    ]),
  )
  expect(names.length).toBeGreaterThan(80)
})

test('nothing on the way of every job reads a view of ours, but for a reason', () => {
  expect(readersOf(functionFiles()).sort()).toEqual(Object.keys(MEANT).sort())
})
