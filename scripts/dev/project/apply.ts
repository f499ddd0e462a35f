import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import pg from 'pg'
import { Client } from '../../cli/connection/client.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { readOwn } from '../../cli/place.ts'
import type { Config } from '../../cli/project/config_toml.ts'
import { run } from '../postgres/databases.ts'
import { adapt } from './adapt.ts'
import { readInside } from './expect_inside.ts'

export type ApplyOptions = {
  /** Of the project. */
  folder: string
  config: Config
  adminUrl: string
  ownerUrl: string
  /** Goes on behind a file that does not apply. */
  skipFailing: boolean
  say(line: string): void
}

/** Brings a database to what the migrations of a project say; one that has none of them yet gets the seeds, too. */
export async function applyProject(options: ApplyOptions): Promise<void> {
  const { folder, adminUrl, ownerUrl, config } = options
  for (const name of ['platform', 'pgvector']) await run(adminUrl, readOwn(`scripts/dev/project/${name}.sql`))
  const missing = new Set<string>()
  const [applied, available] = await Promise.all([
    column(ownerUrl, 'select version from supabase_migrations.schema_migrations'),
    column(adminUrl, 'select name from pg_available_extensions'),
  ])
  const migrations = join(folder, 'supabase/migrations')
  const files = existsSync(migrations)
    ? readdirSync(migrations).filter((name) => /^\d+_.*\.sql$/.test(name)).sort()
    : []
  const fresh = files.filter((name) => !applied.includes(versionOf(name)))
  for (const name of fresh) {
    const done = await applyFile(join(migrations, name), options, { available, missing })
    if (!done) continue
    const version = pg.escapeLiteral(versionOf(name))
    await run(
      ownerUrl,
      `insert into supabase_migrations.schema_migrations (version, name)
      values (${version}, ${pg.escapeLiteral(name.replace(/^\d+_|\.sql$/g, ''))})`,
    )
  }
  if (fresh.length > 0) options.say(`migrations: ${fresh.length} of ${files.length} applied`)
  if (applied.length > 0) return
  const seeds = seedsOf(folder, config)
  for (const path of seeds) await applyFile(path, options, { available, missing })
  if (seeds.length > 0) options.say(`seeds: ${seeds.map((path) => relative(folder, path)).join(', ')}`)
}

const versionOf = (name: string): string => /^\d+/.exec(name)![0]

/** The files of SQL that a fresh database gets behind the migrations. */
export function seedsOf(folder: string, config: Config): string[] {
  const { enabled = true, sql_paths = ['./seed.sql'] } = config.db?.seed ?? {}
  if (!enabled) return []
  const cwd = join(folder, 'supabase')
  return sql_paths.flatMap((path) =>
    /[*?[{]/.test(path) ? matching(cwd, path) : existsSync(join(cwd, path)) ? [join(cwd, path)] : []
  )
}

/** `*` is any part of a name, `**` any folders; Node 20 has no globs of its own. */
function matching(cwd: string, pattern: string): string[] {
  const expression = pattern.replace(/^\.\//, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*|\?/g, (wild) => wild === '**/' ? '(?:.*/)?' : wild === '*' ? '[^/]*' : '[^/]')
  const files = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'))
  return files.filter((path) => new RegExp(`^${expression}$`).test(path)).sort().map((path) => join(cwd, path))
}

/** Says whether it was applied. A session of its own for each: dumps leave their settings behind. */
async function applyFile(
  path: string,
  options: ApplyOptions,
  { available, missing }: { available: string[]; missing: Set<string> },
): Promise<boolean> {
  const { sql, wanted, missing: own } = adapt(readInside(options.folder, path), available)
  for (const extension of own) missing.add(extension)
  const name = relative(options.folder, path)
  // On the platform postgres may make extensions; here it takes a superuser.
  for (const extension of wanted) {
    await run(
      options.adminUrl,
      `create extension if not exists ${pg.escapeIdentifier(extension)} with schema ${schemaFor(extension)}`,
    )
  }
  try {
    await run(options.ownerUrl, sql)
    return true
  } catch (reason) {
    const { message, code, position } = reason as Error & { code?: string; position?: string }
    const line = position === undefined ? '' : `:${sql.slice(0, Number(position)).split('\n').length}`
    // What an earlier file wanted, this one may use.
    const lacking = own.length > 0 ? own : [...missing]
    const because = lacking.length > 0 ? ` (there is no ${lacking.join(', ')} here)` : ''
    const problem = `${name}${line} does not apply: ${message}${code ? ` (${code})` : ''}${because}`
    if (options.skipFailing) {
      options.say(`SKIPPED: ${problem}`)
      return false
    }
    throw new SupaqueueError(
      'SQ422',
      problem,
      'It runs as postgres on an embedded PostgreSQL, without Docker. To go on without it: --skip-failing.',
    )
  }
}

const schemaFor = (extension: string): string => extension === 'plpgsql' ? 'pg_catalog' : 'extensions'

async function column(url: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map(([value]) => value as string)
  } finally {
    await client.end()
  }
}
