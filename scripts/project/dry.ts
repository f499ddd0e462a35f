import { functionFiles, migrationFiles } from '../database/files.ts'
import type { Database } from './database.ts'
import { dispatcherFiles } from './dispatcher_files.ts'
import type { Project } from './project.ts'

/** The same project, of which everything can be read; what would change it is shown instead of done. */
export function dryProject(project: Project, show: (text: string) => void): Project {
  const { db, edge, dataApi } = project
  return {
    ...project,
    db: { ...db, change: (sql, values, hidden) => showStatement(show, sql, values, hidden) },
    async applySql() {
      show('begin;')
      for (const file of await pendingMigrations(db)) show(`-- migrations/${file.name}.sql\n${file.sql.trim()}`)
      for (const file of functionFiles()) show(`-- functions: ${file.name}\n${file.sql.trim()}`)
      show('commit;\nselect supaqueue.schedule_sweep();')
    },
    edge: {
      ...edge,
      setSecrets: (values) =>
        call(`supabase secrets set ${Object.keys(values).map((name) => `${name}=***`).join(' ')}`),
      unsetSecrets: (names) => call(`supabase secrets unset ${names.join(' ')}`),
      deploy: () =>
        call(
          `supabase functions deploy supaqueue --use-api --no-verify-jwt   # ${dispatcherFiles().length} files of supabase/functions/supaqueue`,
        ),
      remove: (name) => call(`supabase functions delete ${name}`),
    },
    dataApi: {
      ...dataApi,
      setSchemas: (schemas) =>
        call(`PATCH /v1/projects/${project.name}/postgrest {"db_schema":"${schemas.join(',')}"}`),
    },
  }

  async function call(text: string): Promise<void> {
    show(await Promise.resolve(`$ ${text}`))
  }
}

async function showStatement<Row>(
  show: (text: string) => void,
  sql: string,
  values: unknown[] = [],
  hidden?: unknown,
): Promise<Row[]> {
  const text = sql.trim().replace(/\n {2,}/g, '\n  ')
  const shown = values.map((value, index) => `$${index + 1} = ${value === hidden ? '***' : JSON.stringify(value)}`)
  show(await Promise.resolve(`${text.replace(/;?$/, ';')}${shown.length > 0 ? `   -- ${shown.join(', ')}` : ''}`))
  return []
}

async function pendingMigrations(db: Database) {
  const [ledger] = await db.query<{ exists: boolean }>(
    `select to_regclass('supaqueue.migration') is not null as exists`,
  )
  if (!ledger?.exists) return migrationFiles()
  const applied = await db.query<{ name: string }>('select name from supaqueue.migration')
  return migrationFiles().filter((file) => !applied.some(({ name }) => name === file.name))
}
