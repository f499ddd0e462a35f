import type { ClientBase } from 'pg'
import { GENERATED, item, wrapped } from './markdown.ts'

type Column = { name: string; type: string; standard: string | null; comment: string | null }

/** What may be set of queues and of jobs: the columns with their types, defaults and comments. */
export async function settingsPage(db: ClientBase): Promise<string> {
  return [
    GENERATED,
    '# Settings',
    'Columns of `supaqueue.queue`. A change counts from the next call on.',
    listOf(await columnsOf(db, 'queue')),
    '## Jobs',
    wrapped(
      'Columns of `supaqueue.job` that you may set. What you leave out is as the queue has it. The database writes ' +
        'everything else.',
    ),
    listOf((await columnsOf(db, 'job')).filter(({ name }) => OF_JOBS.includes(name))),
    '## The dispatcher',
    'Rows of `supaqueue.setting`: [the dispatcher](dispatcher.md#settings) lists them.',
  ].join('\n\n') + '\n'
}

const OF_JOBS = [
  'queue',
  'payload',
  'status',
  'priority',
  'run_at',
  'dedupe_key',
  'concurrency_key',
  'version',
  'url',
  'method',
  'headers',
  'query',
  'timeout_ms',
  'max_attempts',
  'retry_base_ms',
  'retry_max_ms',
]

const listOf = (columns: Column[]): string =>
  columns.map(({ name, type, standard, comment }) => {
    const initial = standard === null ? '' : `, default \`${standard.replace(/::[\w .]+(\[\])?/g, '')}\``
    return item(`\`${name}\` (${type}${initial}): ${comment ?? ''}`)
  }).join('\n')

async function columnsOf(db: ClientBase, name: string): Promise<Column[]> {
  const { rows } = await db.query<Column>(
    `select attribute.attname as name, format_type(attribute.atttypid, attribute.atttypmod) as type,
       pg_get_expr(fallback.adbin, fallback.adrelid) as standard, col_description(attribute.attrelid, attribute.attnum) as comment
     from pg_attribute as attribute
     left join pg_attrdef as fallback on fallback.adrelid = attribute.attrelid and fallback.adnum = attribute.attnum
     where attribute.attrelid = format('supaqueue.%I', $1::text)::regclass and attribute.attnum > 0 and not attribute.attisdropped
     order by attribute.attnum`,
    [name],
  )
  return rows
}
