import type { Database } from './database.ts'
import { OCCUPANT } from './occupant.ts'

/** A row of supaqueue.setting; undefined when there is none, or no such table. */
export async function readSetting(db: Database, name: string): Promise<string | undefined> {
  const [table] = await db.query<{ exists: boolean }>(
    `select ${OCCUPANT} = 'us' and to_regclass('supaqueue.setting') is not null as exists`,
  )
  if (!table?.exists) return undefined
  const [row] = await db.query<{ value: string }>('select value from supaqueue.setting where name = $1', [name])
  return row?.value
}

export async function writeSetting(db: Database, name: string, value: string): Promise<void> {
  await db.change(
    `insert into supaqueue.setting (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value`,
    [name, value],
  )
}
