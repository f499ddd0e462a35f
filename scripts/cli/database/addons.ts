import { createHash } from 'node:crypto'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { listOwn, readOwn } from '../place.ts'
import { OPTIONAL_MODULES, type SqlFile } from './files.ts'

/** The names that other queues are known by: one folder of functions/modules each. */
export const addonNames = (): string[] => OPTIONAL_MODULES.filter((name) => name !== API_ADDON).sort()

/** The files of one add-on; what makes its schema comes first. Paths are relative to functions/. */
export const addonFiles = (addon: string): SqlFile[] =>
  listOwn(`functions/modules/${addon}`).filter((file) => file.endsWith('.sql'))
    .sort((one, other) => Number(other === 'schema.sql') - Number(one === 'schema.sql') || (one < other ? -1 : 1))
    .map((file) => {
      const sql = readOwn(`functions/modules/${addon}/${file}`)
      return {
        path: `modules/${addon}/${file}`,
        name: file.replace(/\.sql$/, ''),
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      }
    })

/** The HTTP API among the optional modules: an edge function as well as SQL. */
export const API_ADDON = 'api'

/** All that --with may name. */
export const offeredAddons = (): string[] => [...OPTIONAL_MODULES].sort()

/** Reads `fetchq,pgqueuer`. @throws SupaqueueError SQ422 for a name that is not known */
export function readAddons(text: string): string[] {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '')
  const unknown = names.filter((name) => !offeredAddons().includes(name))
  if (unknown.length === 0 && names.length > 0) return [...new Set(names)].sort()
  throw new SupaqueueError(
    'SQ422',
    unknown.length > 0 ? `there is no add-on ${unknown.join(', ')}` : '--with names no add-on',
    `Nothing was changed. There are: ${offeredAddons().join(', ')}. Several are written with commas.`,
  )
}

/** Those that were installed before: the setting `addon_<name>` says so, which their own SQL writes. */
export async function installedAddons(
  query: (sql: string) => Promise<{ name: string }[]>,
): Promise<string[]> {
  const [table] = await query(`select 'setting' as name where to_regclass('supaqueue.setting') is not null`)
  if (!table) return []
  const rows = await query(`select name from supaqueue.setting where name like 'addon\\_%'`)
  const names = rows.map(({ name }) => name.replace(/^addon_/, ''))
  return OPTIONAL_MODULES.filter((name) => names.includes(name))
}
