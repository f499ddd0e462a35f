import { installedAddons } from '../database/addons.ts'
import { migrationFiles, OPTIONAL_MODULES } from '../database/files.ts'
import type { Database } from './database.ts'

/** The names of the migrations that were applied; undefined where supaqueue is not installed. */
export async function appliedMigrations(db: Database): Promise<string[] | undefined> {
  const [ledger] = await db.query<{ exists: boolean }>(
    `select to_regclass('supaqueue.migration') is not null as exists`,
  )
  if (!ledger?.exists) return undefined
  const rows = await db.query<{ name: string }>('select name from supaqueue.migration')
  return rows.map(({ name }) => name)
}

/** Migrations of this release that the database has not seen. */
export const pendingMigrations = async (db: Database) => {
  const applied = await appliedMigrations(db) ?? []
  return migrationFiles(await installedAddons((sql) => db.query(sql))).filter(({ name }) => !applied.includes(name))
}

/** Migrations that this release does not know: the database is of a newer one. */
export const newerMigrations = async (db: Database): Promise<string[]> =>
  (await appliedMigrations(db) ?? []).filter((name) =>
    !migrationFiles(OPTIONAL_MODULES).some((file) => file.name === name)
  )
