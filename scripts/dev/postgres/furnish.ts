import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { run } from './databases.ts'
import { type Role, users } from './users.ts'

// Ours alone: in a cluster somebody else made, these would not be ours to change.
const ofThisCluster = `
  alter database postgres owner to postgres;
  alter role supabase_admin set statement_timeout = 0;
`

/** Puts the roles, schemas and privileges of a Supabase project into a cluster of ours. May run again. */
export async function furnish(urlFor: (role: Role, database: string) => string, passwords: Record<Role, string>) {
  const roles = await readFile(new URL('../roles.sql', import.meta.url), 'utf8')
  const database = await readFile(new URL('../database.sql', import.meta.url), 'utf8')
  const logins = (['owner', 'authenticator'] as const)
    .map((role) => `alter role ${pg.escapeIdentifier(users[role])} password ${pg.escapeLiteral(passwords[role])};`)

  await run(urlFor('admin', 'postgres'), [roles, ...logins, ofThisCluster, database].join('\n'))
  await run(urlFor('admin', 'template1'), database)
}
