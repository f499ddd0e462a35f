import { chooseKey } from '../../supabase/functions/_shared/supaqueue/key.ts'
import { readAddress } from '../cli/connection/address.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { completeUrl } from '../cli/project/database_url.ts'
import { expectUrl } from '../cli/project/values.ts'

/** A database to serve, and what its calls need. */
export type ServedDatabase = {
  /** What it is called where people look: host, port and database. */
  name: string
  url: string
  /** A pooler that gives a connection for one transaction: nothing is prepared there, and nobody can listen. */
  pooled: boolean
  /** The address of the project that it belongs to, where it is one of the platform, or somebody said so. */
  project: string
  /** What it takes to call edge functions; without, only URLs are called. */
  functions?: { url: string; key: string; secrets: string[] }
  /** What is missing for that, where something of it is there. */
  lacking: string[]
}

type Given = { dbUrl?: string[]; insecureTls?: boolean }

type Env = Record<string, string | undefined>

// Supabase's pooler gives a connection for one transaction only at this port, and any at the other.
const TRANSACTION_PORT = 6543

/**
 * The databases of the command line, else those of the environment: SUPAQUEUE_DB_URL, SUPAQUEUE_DB_URL_2, and so on. What
 * belongs to the second one is read from variables with the same ending.
 *
 * @throws SupaqueueError SQ422
 */
export function readDatabases({ dbUrl = [], insecureTls }: Given, env: Env): ServedDatabase[] {
  const urls = dbUrl.length > 0 ? dbUrl : urlsOf(env)
  if (urls.length === 0) {
    throw new SupaqueueError(
      'SQ422',
      'nothing says which database is to be served',
      'Set SUPAQUEUE_DB_URL, or add --db-url <url>; once for each database. A pooler must be in session mode (port 5432).',
    )
  }
  const databases = urls.map((url, i) => readDatabase(url, i === 0 ? '' : `_${i + 1}`, insecureTls ?? false, env))
  const twice = databases.find(({ name }, i) => databases.findIndex((other) => other.name === name) !== i)
  if (twice) {
    throw new SupaqueueError(
      'SQ422',
      `${twice.name} is named twice`,
      'Name each database once: one process serves all its queues.',
    )
  }
  return databases
}

function urlsOf(env: Env): string[] {
  const urls: string[] = []
  for (let name = 'SUPAQUEUE_DB_URL'; env[name]; name = `SUPAQUEUE_DB_URL_${urls.length + 1}`) urls.push(env[name]!)
  return urls
}

function readDatabase(given: string, ending: string, insecureTls: boolean, env: Env): ServedDatabase {
  const of = (name: string): string | undefined => env[`${name}${ending}`] || undefined
  const url = completeUrl(given, of('SUPABASE_DB_PASSWORD'), insecureTls)
  const { host, port, database, user } = readAddress(url)
  const supabaseUrl = (of('SUPABASE_URL') ?? hostedUrl(host, user))?.replace(/\/+$/, '')
  const address = of('SUPAQUEUE_FUNCTIONS_URL')
  const functionsUrl = address !== undefined
    ? expectUrl(address, `SUPAQUEUE_FUNCTIONS_URL${ending}`)
    : supabaseUrl && `${expectUrl(supabaseUrl, `SUPABASE_URL${ending}`)}/functions/v1`
  const key = chooseKey(of)
  const secrets = [of('SUPAQUEUE_SECRET'), of('SUPAQUEUE_SECRET_PREVIOUS')].filter((secret) => secret !== undefined)
  const parts: [string, unknown][] = [
    [`SUPABASE_URL${ending}`, functionsUrl],
    [`SUPABASE_SECRET_KEY${ending}`, key],
    [`SUPAQUEUE_SECRET${ending}`, secrets[0]],
  ]
  const lacking = parts.filter(([, value]) => !value).map(([name]) => name)
  return {
    name: `${host}:${port}/${database}`,
    url,
    pooled: isPooled(url),
    // Any that is not of the platform is known by its database.
    project: supabaseUrl ?? 'process',
    ...(lacking.length === 0 && { functions: { url: functionsUrl!, key: key!, secrets } }),
    lacking: key || secrets.length > 0 ? lacking : [],
  }
}

/** Whether it is a pooler that gives a connection for one transaction. */
export const isPooled = (url: string): boolean =>
  readAddress(url).port === TRANSACTION_PORT || new URL(url).searchParams.get('pgbouncer') === 'true'

/** The address of a project of the platform, by that of its database. */
function hostedUrl(host: string, user: string): string | undefined {
  const ref = /^db\.([a-z]{20})\.supabase\.co$/.exec(host)?.[1] ??
    (/\.pooler\.supabase\.com$/.test(host) ? /\.([a-z]{20})$/.exec(user)?.[1] : undefined)
  return ref && `https://${ref}.supabase.co`
}
