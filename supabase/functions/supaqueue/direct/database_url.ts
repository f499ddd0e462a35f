import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { OPTIONS } from './statement.ts'

/** How the driver is to connect. */
export type Connection = {
  host: string
  port: number
  user: string
  password: string
  database: string
  ssl: false | { rejectUnauthorized: boolean; ca?: string }
  application_name: string
  connectionTimeoutMillis: number
  keepAlive: boolean
  options?: string
}

// Whoever connects to itself speaks to nobody else.
const HERE = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

// Supabase's pooler gives a connection for one transaction only at this port, and any at the other.
const TRANSACTION_PORT = '6543'

/**
 * Reads a database's URL: `ca` is the certificate of who signed for it (PEM), where no public authority did. The server has
 * to prove who it is, unless it is this machine, or the URL says `sslmode=disable` or `sslmode=no-verify`. `pooled`, and said
 * or found: it is a pooler that gives a connection for one transaction.
 * Throws a `SupaqueueError` that names what is wrong, and never what was found.
 */
export function readDatabaseUrl(
  text: string,
  { ca, pooled = false }: { ca?: string; pooled?: boolean } = {},
): { connection: Connection; pooled: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || !url.hostname || !url.username) {
    throw unusable('is not a URL of a database')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const mode = url.searchParams.get('sslmode') ?? (HERE.test(host) ? 'disable' : 'verify-full')
  if (!['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw unusable('has an sslmode other than disable, no-verify, require and verify-full')
  }
  const isPooled = pooled || url.port === TRANSACTION_PORT || url.searchParams.get('pgbouncer') === 'true'
  return {
    pooled: isPooled,
    connection: {
      host,
      port: Number(url.port || 5432),
      user: decoded(url.username),
      password: decoded(url.password),
      database: decoded(url.pathname.slice(1)) || 'postgres',
      ssl: mode === 'disable' ? false : { rejectUnauthorized: mode !== 'no-verify', ...(ca && { ca }) },
      application_name: 'supaqueue dispatcher',
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      // A pooler by transactions takes no options.
      ...(!isPooled && { options: OPTIONS }),
    },
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unusable('has a % that must be written %25')
  }
}

const unusable = (why: string) =>
  new SupaqueueError(
    'SQ422',
    `SUPAQUEUE_DB_URL ${why}`,
    'It looks like postgresql://postgres.<ref>:<password>@<host>:5432/postgres: dashboard, Connect, Session pooler. Until it is fixed, turns go through the Data API.',
  )
