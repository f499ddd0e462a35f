import { Client } from '../../cli/connection/client.ts'
import { type Postgres, type PostgresOptions, startPostgres } from '../postgres.ts'
import { refuseStranger } from '../../cli/project/occupant.ts'
import { readOwn } from '../../cli/place.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** The database of a stack, and the URLs of those who use it. */
export type Database = {
  /** Of a superuser. */
  adminUrl: string
  /** Of the role that owns supaqueue. */
  ownerUrl: string
  /** Of a role that may become anon, authenticated and service_role. */
  authenticatorUrl: string
  /** The server, where it is ours. */
  postgres?: Postgres
}

/** A server of our own, just for this stack. */
export async function ownDatabase(options: PostgresOptions): Promise<Database & { postgres: Postgres }> {
  const postgres = await startPostgres(options)
  const { adminUrl, ownerUrl, authenticatorUrl } = postgres
  return { adminUrl, ownerUrl, authenticatorUrl, postgres }
}

/**
 * A database that is already there. Gets the roles and the extension of a Supabase project where they are missing;
 * what is there stays as it is; where a schema supaqueue is not ours, nothing is done at all. Everything is done in the name of the URL's own role.
 */
export async function givenDatabase(url: string): Promise<Database> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
  } catch (reason) {
    throw new SupaqueueError(
      'SQ504',
      `The database refused the connection: ${(reason as Error).message}`,
      'Check host, port, user, password and database name of the URL.',
    )
  }
  try {
    await refuseStranger(async (sql) => (await client.query(sql)).rows)
    const { rows: [found] } = await client.query<{ roles: boolean; crypto: boolean }>(`
      select
        not exists (
          select from unnest('{postgres,anon,authenticated,service_role,authenticator}'::text[]) as role
          where to_regrole(role) is null
        ) as roles,
        exists (
          select from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
          where e.extname = 'pgcrypto' and n.nspname = 'extensions'
        ) as crypto
    `)
    if (!found?.roles) await client.query(readOwn('scripts/dev/roles.sql'))
    if (!found?.crypto) await client.query(readOwn('scripts/dev/database.sql'))
  } finally {
    await client.end()
  }
  return { adminUrl: url, ownerUrl: url, authenticatorUrl: url }
}
