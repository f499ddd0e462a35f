import pg from 'pg'
import { readOwn } from '../../cli/place.ts'
import { run } from './databases.ts'
import { type Role, users } from './users.ts'

// Ours alone: in a cluster somebody else made, these would not be ours to change.
const ofThisCluster = `
  alter database postgres owner to postgres;
  alter role supabase_admin set statement_timeout = 0;
  -- What others have run at every change of the schema is not run by a superuser.
  do $$ begin
    if current_setting('server_version_num')::integer >= 170000 then
      alter role supabase_admin set event_triggers = off;
    end if;
  end $$;
`

/** Puts the roles, schemas and privileges of a Supabase project into a cluster of ours. May run again. */
export async function furnish(urlFor: (role: Role, database: string) => string, passwords: Record<Role, string>) {
  const roles = readOwn('scripts/dev/roles.sql')
  const database = readOwn('scripts/dev/database.sql')
  const logins = (['owner', 'authenticator'] as const)
    .map((role) => `alter role ${pg.escapeIdentifier(users[role])} password ${pg.escapeLiteral(passwords[role])};`)

  await run(urlFor('admin', 'postgres'), [roles, ...logins, ofThisCluster, database].join('\n'))
  await run(urlFor('admin', 'template1'), database)
}
