import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** One SQL file: where it is in its folder, its name without folder and ending, its text, and the SHA-256 of the text as hex. */
export type SqlFile = { path: string; name: string; sql: string; checksum: string }

/** What the tables are: migrations/, in the order of their numbers. */
export const migrationFiles = (): SqlFile[] => sqlFiles('migrations').filter((file) => /^\d{4}_/.test(file.name))

/**
 * What the database does: functions/, every room. The order of functions does not matter: bodies are not checked when
 * created. Views are, so they come last.
 */
export const functionFiles = (): SqlFile[] =>
  sqlFiles('functions')
    .filter((file) => !file.path.startsWith('addons'))
    .sort((one, other) => Number(isView(one)) - Number(isView(other)))

/** Whether a file of functions/ holds a view. */
export const isView = (file: { path: string }): boolean => /\bviews[\\/][^\\/]*$/.test(file.path)

/** The schema that the function in a file's text is made in. */
export const schemaOf = (sql: string): string => {
  const [, schema] = sql.match(/^create or replace function (\w+)\.\w+\(/m) ?? []
  if (schema === undefined) throw new Error('the file makes no function')
  return schema
}

function sqlFiles(folder: string): SqlFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .sort()
    .map((path) => {
      const sql = readFileSync(join(root, folder, path), 'utf8')
      return {
        path,
        name: path.replace(/^.*[\\/]/, '').replace(/\.sql$/, ''),
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      }
    })
}
