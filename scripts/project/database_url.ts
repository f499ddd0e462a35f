import { HintedError } from '../hinted_error.ts'
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
 * A URL that somebody gave, made complete: the password where it has none, and encryption everywhere but on this machine.
 */
export function completeUrl(text: string, password?: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw notUrl()
  }
  if (!/^postgres(ql)?:$/.test(url.protocol) || !url.hostname) throw notUrl()
  if (!url.password && password) url.password = encodeURIComponent(password)
  return encrypted(url)
}

const notUrl = () =>
  new HintedError(
    'SQ422',
    'the database URL is not one of a Postgres',
    'Write postgresql://user@host:port/database, and set the password as SUPABASE_DB_PASSWORD.',
  )

function build(host: string, port: number, user: string, password: string, database = 'postgres'): string {
  const url = new URL(`postgresql://${host}:${port}/${encodeURIComponent(database)}`)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return encrypted(url)
}

// As libpq's `require`: encrypted, and the certificate is not checked, because the platform signs its own. Whoever wants
// it checked gives sslmode=verify-full and sslrootcert in a URL of theirs.
function encrypted(url: URL): string {
  const here = /^(127\.|localhost$|\[::1\]$)/.test(url.hostname)
  if (!here && !url.searchParams.has('sslmode')) {
    url.searchParams.set('sslmode', 'require')
    url.searchParams.set('uselibpqcompat', 'true')
  }
  return url.href
}
