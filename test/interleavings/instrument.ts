import { isView, moduleOf, schemaOf, type SqlFile } from '../../scripts/cli/database/files.ts'
import type { Footprint } from './footprint.ts'
import { type Body, plpgsqlBodies, statementsOf } from './statements.ts'

/** Functions with pauses in them: the SQL that creates them, and what the step after each pause touches. */
export type Instrumented = { sql: string; pauses: Map<string, Footprint> }

type Part = { file: SqlFile; lines: string[] }

// Modules that no scenario has to do with: what they write, no claim and no report reads.
const APART = ['hooks', 'health', 'audit']

// They read settings, or the catalogue (nobody defers anything here), or write the row at hand. The sweep's
// chores for tables that these scenarios leave alone find nothing, and how far they come is a matter of time.
const HARMLESS = [
  'concurrency',
  'backoff',
  'on_job_touched',
  'check_job_status',
  'check_inserted_job',
  'check_changed_job',
  'check_queue',
  'on_queue_created',
  'count_enqueued',
  'fold_counters',
  'prune',
  'prune_finished',
  'prune_api_answers',
  'prune_cron_history',
  'keep_schedules',
  'fix_queues',
  'fix_jobs',
  'fix_dependencies',
  'fix_lines',
  'keep_order',
  'form_lines',
  'on_queue_ordered',
  'check_queue_order',
  'retry_troubles',
  'fire_deferred',
]

const TABLE =
  /\bsupaqueue\.(queue|heartbeat|worker|job|current_job|key_lock|place_in_line|line_change|line_head)\b(?!\()/g

/**
 * The functions of the given files, exactly as they are but for a pause before every statement that touches the
 * database or asks the clock what is due, and before the end of a trigger that is answered at commit: from there on it commits.
 */
export function instrument(files: SqlFile[]): Instrumented {
  const parts = files.filter((file) => !HARMLESS.includes(file.name) && !APART.includes(moduleOf(file) ?? '')).map((
    file,
  ) => ({
    file,
    lines: file.sql.split('\n'),
  }))
  const footprintOf = makeFootprintOf(parts)
  const pauses = new Map<string, Footprint>()

  const sql = parts.map(({ file, lines }) => {
    const output = [...lines]
    // From the end, so that the lines before keep their numbers.
    for (const body of plpgsqlBodies(lines).toReversed()) {
      for (const { line, indent, text } of statementsOf(lines, body).toReversed()) {
        const isEnd = text.trim() === 'return null;' && file.sql.includes('deferrable initially deferred')
        const footprint = isEnd ? { ends: true as const } : footprintOf(text)
        if (!footprint) continue
        // A pause is a statement too, and would be what it asks about.
        if (/\bfound\b/.test(text)) throw new Error(`no pause can be put in before: ${text.trim()}`)
        const label = labelOf(body, line, text)
        if (pauses.has(label)) throw new Error(`two pauses are called ${label}`)
        pauses.set(label, footprint)
        output.splice(line, 0, `${indent}perform interleaving.pause('${label}');`)
      }
    }
    return output.join('\n')
  }).join('\n')
  return { sql, pauses }
}

const labelOf = ({ name, declare }: Body, line: number, text: string) => {
  const words = text.trim().split('\n')[0]!.replaceAll(/[^\w.(]+/g, ' ').slice(0, 40).trim()
  return `${name.replace(/^\w+\./, '')}+${line - declare} ${words}`
}

function makeFootprintOf(parts: Part[]) {
  const bodies = parts.flatMap(({ lines }) => plpgsqlBodies(lines).map((body) => ({ ...body, lines })))
  const pausing = new Set(bodies.map(({ name }) => name))
  const readsClock = new Set(
    bodies.filter(({ declare, begin, end, lines }) =>
      lines.slice(declare, begin).join('\n').includes('clock_timestamp()') &&
      asksForDue(lines.slice(begin, end).join('\n'))
    ).map(({ name }) => name),
  )
  /** What a function in plain SQL looks at, as part of the statement that calls it. */
  const readsOf = (name: string): string[] => {
    const part = parts.find(({ file }) => !isView(file) && `${schemaOf(file.sql)}.${file.name}` === name)
    return part && !pausing.has(name) ? tables(part.file.sql) : []
  }

  /** What a statement touches; undefined when it touches nothing, or only calls functions that pause themselves. */
  return (text: string): Footprint | undefined => {
    if (text.trim().startsWith('raise ')) return undefined
    const called = [...text.matchAll(/\b((?:supaqueue|supaqueue_internal|public)\.\w+)\(/g)].map((match) => match[1]!)
    const reads = [...new Set([...tables(text), ...called.flatMap(readsOf)])]
    const written = [...text.matchAll(/(?:update|insert into|delete from) supaqueue\.(\w+)/g)].map((match) => match[1]!)
    // A queue's row is only ever read here.
    const held = /for (no key )?update/.test(text) ? tables(text).filter((table) => table !== 'queue') : []
    const locks = [...new Set([...written, ...held])]
    // To look who has it is to depend on it as much as to ask for it.
    const lock = /pg_try_advisory_xact_lock_shared\(|\bfrom pg_locks\b/.test(text)
      ? 'shared'
      : /pg_try_advisory_xact_lock\(/.test(text)
      ? 'exclusive'
      : undefined
    const clock = text.includes('clock_timestamp()') && (asksForDue(text) || /^\s*\w+ :=/.test(text)) ||
      called.some((name) => readsClock.has(name))
    if (reads.length === 0 && !lock && !clock) return undefined
    return { reads, locks, ...(lock && { lock }), ...(clock && { clock: 'reads' }) }
  }
}

/** The clock matters to others where it decides which jobs are due: `run_at` is the only time that they set. */
const asksForDue = (sql: string) => /supaqueue(_internal)?\.(pair|due_jobs|count_due|process_jobs)\(/.test(sql)

const tables = (sql: string): string[] => [...new Set([...sql.matchAll(TABLE)].map((match) => match[1]!))]
