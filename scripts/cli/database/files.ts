import { createHash } from 'node:crypto'
import { listOwn, readOwn } from '../place.ts'

/** One SQL file: where it is in its folder, its name without folder and ending, its text, and the SHA-256 of the text as hex. */
export type SqlFile = { path: string; name: string; sql: string; checksum: string }

/**
 * What the tables are: migrations/, in the order of their numbers. Those of the core, of the modules that every installation
 * has, and of the optional ones that are named.
 */
export const migrationFiles = (optional: string[] = []): SqlFile[] =>
  sqlFiles('migrations').filter((file) =>
    !OPTIONAL_MODULES.includes(migrationModule(file)) || optional.includes(migrationModule(file))
  )

/** Whose tables a migration makes or changes: `core`, or the name of a module. Its name says so: `0002_limits`, `0009_core_hosts`. */
export const migrationModule = (file: { name: string }): string => file.name.split('_')[1] ?? ''

/** Modules that are installed only where somebody asks for them: `--with api`. All the others belong to every installation. */
export const OPTIONAL_MODULES = ['api', 'fetchq', 'pgqueuer']

/**
 * What the database does: functions/, the core and the modules that every installation has. The order of functions does
 * not matter: bodies are not checked when created. Views are, so they come last.
 */
export const functionFiles = (): SqlFile[] =>
  withoutReplaced(sqlFiles('functions').filter((file) => !OPTIONAL_MODULES.includes(moduleOf(file) ?? '')))
    .sort((one, other) => Number(isView(one)) - Number(isView(other)))

/** The core without any module: what functions/core holds. */
export const coreFiles = (): SqlFile[] => sqlFiles('functions').filter((file) => moduleOf(file) === undefined)

/** What functions/modules holds, the optional ones among them. */
export const moduleFiles = (): SqlFile[] => sqlFiles('functions').filter((file) => moduleOf(file) !== undefined)

/** Whether a file holds what the core does where a module may do more: functions/core/extension_points. */
export const isExtensionPoint = (file: { path: string }): boolean =>
  /(^|[\\/])core[\\/]extension_points[\\/]/.test(file.path)

/** A module's file takes the place of the core's of its name. */
function withoutReplaced(files: SqlFile[]): SqlFile[] {
  const replaced = new Set(files.filter((file) => moduleOf(file) !== undefined).map((file) => file.name))
  return files.filter((file) => !isExtensionPoint(file) || !replaced.has(file.name))
}

/** The module that a file of functions/ belongs to; undefined for the core. */
export const moduleOf = (file: { path: string }): string | undefined => file.path.match(/^modules[\\/](\w+)[\\/]/)?.[1]

/** Whether a file of functions/ holds a view. */
export const isView = (file: { sql: string }): boolean => /^create or replace view /m.test(file.sql)

/** The schema that the function in a file's text is made in. */
export const schemaOf = (sql: string): string => {
  const [, schema] = sql.match(/^create or replace function (\w+)\.\w+\(/m) ?? []
  if (schema === undefined) throw new Error('the file makes no function')
  return schema
}

function sqlFiles(folder: string): SqlFile[] {
  return listOwn(folder)
    .filter((path) => path.endsWith('.sql'))
    .sort()
    .map((path) => {
      const sql = readOwn(`${folder}/${path}`)
      return {
        path,
        name: path.replace(/^.*[\\/]/, '').replace(/\.sql$/, ''),
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      }
    })
}
