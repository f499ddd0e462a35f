import { isHere, readAddress } from '../connection/address.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { ManagementApi } from './management_api.ts'
import type { Profile } from './profile.ts'

/**
 * Where the database of a hosted project is, for one long session: the pooler in session mode, which every network
 * reaches; where the project has no pooler, the database itself, which needs IPv6.
 */
export async function databaseUrlOf(
  { ref, api, profile, password }: { ref: string; api: ManagementApi; profile: Profile; password: string },
): Promise<string> {
  const answer = await api.get('ask where the database is', '/config/database/pooler')
  const pooler = Array.isArray(answer) ? answer.find((one) => one?.database_type === 'PRIMARY') ?? answer[0] : undefined
  if (!pooler?.db_host) return build(`db.${ref}.${profile.projectHost}`, 5432, 'postgres', password)
  // A pooler that is set to transactions listens for sessions on the usual port.
  const port = pooler.pool_mode === 'session' ? pooler.db_port : 5432
  return build(pooler.db_host, port, pooler.db_user ?? `postgres.${ref}`, password, pooler.db_name)
}

/**
 * A URL that somebody gave, made complete: the password where it has none. That the server is to be verified is the default of
 * whoever connects; a URL that takes it away is refused unless `insecureTls` says so aloud.
 *
 * @throws SupaqueueError SQ422
 */
export function completeUrl(text: string, password?: string, insecureTls = false): string {
  const { host, tls } = readAddress(text)
  const url = new URL(text)
  if (!url.hostname && !isHere(host)) throw notUrl()
  if (!url.password && password) url.password = encodeURIComponent(password)
  if (isHere(host)) return url.href
  if (insecureTls && tls.kind === 'verified') url.searchParams.set('sslmode', 'no-verify')
  if (!insecureTls && tls.kind !== 'verified') {
    throw new SupaqueueError(
      'SQ422',
      `the database URL asks for sslmode=${
        url.searchParams.get('sslmode')
      }: whoever answers at ${host} would be taken for your database`,
      'Leave sslmode away: the server is verified then; for a certificate authority of your own add sslrootcert=<file>. If you want it so all the same: --insecure-tls.',
    )
  }
  return url.href
}

/** What is to be said where a URL takes the check of the server away; undefined where it does not. */
export function insecurity(url: string): string | undefined {
  const { host, tls } = readAddress(url)
  if (isHere(host) || tls.kind === 'verified') return undefined
  return tls.kind === 'clear'
    ? `INSECURE: what goes to ${host} and comes from there is not encrypted, and nobody knows that it is your database.`
    : `INSECURE: the certificate of ${host} is not checked; whoever answers there is taken for your database.`
}

/** Says it aloud, where it is so. */
export function sayInsecurity(url: string, note: (line: string) => void): void {
  const warning = insecurity(url)
  if (warning !== undefined) note(warning)
}

const notUrl = () =>
  new SupaqueueError(
    'SQ422',
    'the database URL is not one of a Postgres',
    'Write postgresql://user@host:port/database, and set the password as SUPABASE_DB_PASSWORD.',
  )

function build(host: string, port: number, user: string, password: string, database = 'postgres'): string {
  const url = new URL(`postgresql://${host}:${port}/${encodeURIComponent(database)}`)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return url.href
}
