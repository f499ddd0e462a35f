import { addonFiles, installedAddons } from '../database/addons.ts'
import { functionFiles } from '../database/files.ts'
import { KEEP_RIGHTS, REMEMBER_GRANTS } from '../database/units.ts'
import { edgeFiles } from './edge_files.ts'
import { pendingMigrations } from './ledger.ts'
import type { Project } from './project.ts'

/** The same project, of which everything can be read; what would change it is shown instead of done. */
export function dryProject(project: Project, show: (text: string) => void): Project {
  const { db, edge, dataApi } = project
  return {
    ...project,
    dry: true,
    db: {
      ...db,
      change: (sql, values, hidden) => showStatement(show, sql, values, hidden),
      async alone(_tables, _say, work) {
        show('begin;')
        const result = await work()
        show(`notify pgrst, 'reload schema';\ncommit;`)
        return result
      },
    },
    async applySql() {
      show(`begin;\n${REMEMBER_GRANTS}`)
      for (const file of await pendingMigrations(db)) show(`-- migrations/${file.name}.sql\n${file.sql.trim()}`)
      for (const file of functionFiles()) show(`-- functions: ${file.name}\n${file.sql.trim()}`)
      for (const addon of new Set([...await installedAddons(db.query), ...project.addons])) {
        for (const file of addonFiles(addon)) show(`-- add-on ${addon}: ${file.name}\n${file.sql.trim()}`)
      }
      show(`${KEEP_RIGHTS}\nnotify pgrst, 'reload schema';\ncommit;\nselect supaqueue_internal.schedule_sweep();`)
      return true
    },
    edge: {
      ...edge,
      setSecrets: (values) => request('POST /secrets', Object.keys(values).map((name) => ({ name, value: '***' }))),
      unsetSecrets: (names) => request('DELETE /secrets', names),
      deploy: (fn) =>
        call(
          `supabase functions deploy ${fn} --use-api --no-verify-jwt   # ${
            edgeFiles(fn).length
          } files of supabase/functions/${fn}`,
        ),
      remove: (name) => request(`DELETE /functions/${name}`),
    },
    dataApi: {
      ...dataApi,
      setSchemas: (schemas) => request('PATCH /postgrest', { db_schema: schemas.join(',') }),
    },
  }

  function request(what: string, body?: unknown): Promise<void> {
    const [method, path] = what.split(' ')
    return call(`${method} /v1/projects/${project.name}${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`)
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
