import pg from 'pg'
import type { TestDatabase } from '../support/database.ts'

/** A session of a role that may log in, and to which nothing was granted. */
export async function nobody(database: TestDatabase): Promise<pg.Client> {
  const admin = await database.connect('admin')
  const role = `nobody_${database.name}`
  await admin.query(
    `do $$ begin create role ${role} login password '${role}'; exception when duplicate_object then null; end $$`,
  )
  const url = new URL(database.adminUrl)
  url.username = role
  url.password = role
  const stranger = new pg.Client({ connectionString: url.href })
  stranger.on('error', () => {})
  await stranger.connect()
  return stranger
}
