/** A file of SQL as it can be applied here, and what it wanted that cannot be had: extensions without a stand-in. */
export type Adapted = {
  sql: string
  wanted: string[]
  missing: string[]
}

/** What a stand-in answers for, or what has no use here and nothing hangs on. */
const STOOD_IN = [
  'pg_net',
  'supabase_vault',
  'pg_cron',
  'pg_graphql',
  'pgjwt',
  'pgsodium',
  'pg_tle',
  'index_advisor',
  'hypopg',
  'wrappers',
  'pgaudit',
  'pg_hashids',
  'plv8',
  'pg_jsonschema',
  'plpgsql_check',
  'pgtap',
  'supabase-dbdev',
  'pg_stat_monitor',
  'pg_repack',
]

// Where a statement begins: not within a text that speaks of one.
const BEGIN = String.raw`(?<=(?:^|;|\bthen|\bbegin|\belse|\$\w*\$)[ \t\r\n]*)`
const NAME = String.raw`("?)([\w-]+)\1`
const CREATE = new RegExp(String.raw`${BEGIN}create\s+extension\s+(?:if\s+not\s+exists\s+)?${NAME}([^;]*)`, 'gim')
const OTHER = new RegExp(
  String.raw`${BEGIN}(?:comment\s+on|alter|drop)\s+extension\s+(?:if\s+exists\s+)?${NAME}[^;]*`,
  'gim',
)

// On the platform postgres may; there is no right for it that could be granted here. platform.sql has a procedure that
// does it: a file of somebody's that were run by a superuser could do all that a superuser can, and run programs.
const EVENT_TRIGGER = new RegExp(String.raw`${BEGIN}(?:create|alter|drop)\s+event\s+trigger\s[^;]*`, 'gim')

// An index of pgvector's as its stand-in has it: it knows none of its settings.
const VECTOR_INDEX = /(\busing\s+(?:hnsw|ivfflat)\s*\([^;]*?\))\s*with\s*\(\s*(?:lists|m|ef_construction)\b[^)]*\)/gi

/**
 * Takes what the server here does not know out of a file, in a way that holds in a script and within a function: a statement that
 * makes an extension becomes one that does nothing. `available` are the server's own. Lines of psql alone are left out.
 */
export function adapt(text: string, available: string[]): Adapted {
  const wanted = new Set<string>()
  const missing = new Set<string>()
  const isHere = (name: string) => available.includes(name.toLowerCase())
  let sql = text
    .replace(/^[ \t]*\\(?:un)?restrict\b.*$/gm, '')
    .replace(CREATE, (_, quote: string, name: string, rest: string) => {
      if (isHere(name)) {
        wanted.add(name.toLowerCase())
        return `create extension if not exists ${quote}${name}${quote}${rest}`
      }
      // Without a schema it goes where pgvector would: into the first one of whoever asks.
      if (name.toLowerCase() === 'vector') {
        const home = /\bschema\s+"?([\w-]+)/i.exec(rest)?.[1]
        return `call supabase_migrations.pgvector(${home ? `'${home}'` : ''})`
      }
      if (!STOOD_IN.includes(name.toLowerCase())) missing.add(name.toLowerCase())
      return 'create extension if not exists plpgsql'
    })
    .replace(
      OTHER,
      (statement, _quote: string, name: string) => isHere(name) ? statement : 'create extension if not exists plpgsql',
    )
  if (!isHere('vector')) sql = sql.replace(VECTOR_INDEX, '$1')
  return {
    // The lines keep their numbers.
    sql: sql.replace(
      EVENT_TRIGGER,
      (statement) => `call supabase_migrations.event_trigger($event_trigger$${statement}$event_trigger$)`,
    ),
    wanted: [...wanted],
    missing: [...missing],
  }
}
