import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** Where a database is, and how it is to prove that it is that one. */
export type Address = {
  host: string
  port: number
  user: string
  password: string | undefined
  database: string
  options: string | undefined
  applicationName: string | undefined
  tls: Tls
}

export type Tls =
  /** On this machine, or asked for by name: as it is. */
  | { kind: 'clear' }
  /** Encrypted for whoever answers. Only where somebody asks for it by name. */
  | { kind: 'unverified' }
  | { kind: 'verified'; root: string | undefined; nameToo: boolean; cert: string | undefined; key: string | undefined }

/** Parameters by which a URL would lead elsewhere than its host says. */
const ELSEWHERE = ['hostaddr', 'port', 'user', 'password', 'dbname', 'service', 'servicefile', 'passfile']

/**
 * Reads the URL of a Postgres. Whatever is not this machine is verified, whether or not `sslmode` asks for so much; `disable` and
 * `no-verify` alone take that away.
 *
 * @throws SupaqueueError SQ422 for what is no such URL, or leads elsewhere than it seems to
 */
export function readAddress(text: string): Address {
  const url = parse(text)
  const asked = url.searchParams
  const astray = ELSEWHERE.filter((name) => asked.has(name))
  const socket = asked.get('host')
  if (socket !== null && !socket.startsWith('/')) astray.unshift('host')
  if (astray.length > 0) {
    throw new SupaqueueError(
      'SQ422',
      `the database URL has ${astray.join(', ')} among its parameters`,
      'Write postgresql://user@host:port/database: what comes before the question mark says where the database is.',
    )
  }
  const host = socket ?? (decode(url.hostname).replace(/^\[(.*)\]$/, '$1') || 'localhost')
  return {
    host,
    port: Number(url.port) || 5432,
    user: decode(url.username) || 'postgres',
    password: url.password === '' ? undefined : decode(url.password),
    database: decode(url.pathname.slice(1)) || 'postgres',
    options: asked.get('options') ?? undefined,
    applicationName: asked.get('application_name') ?? undefined,
    tls: tlsOf(host, asked),
  }
}

/** Whether a host is this machine, by its address and not by how its name begins. */
export const isHere = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('/') || (isIPv4(host) && host.startsWith('127.'))

function tlsOf(host: string, asked: URLSearchParams): Tls {
  const mode = asked.get('sslmode') ?? ''
  if (mode === 'disable' || host.startsWith('/')) return { kind: 'clear' }
  if (mode === 'no-verify') return { kind: 'unverified' }
  const root = asked.get('sslrootcert') ?? undefined
  if (isHere(host) && root === undefined && !mode.startsWith('verify-')) {
    return mode === 'require' ? { kind: 'unverified' } : { kind: 'clear' }
  }
  const file = (name: string) => asked.has(name) ? readPem(asked.get(name)!, name) : undefined
  return {
    kind: 'verified',
    root: root === undefined || root === 'system' ? undefined : readPem(root, 'sslrootcert'),
    // A certificate authority of one's own may sign without names; a public one signs for everybody.
    nameToo: mode !== 'verify-ca' || root === undefined || root === 'system',
    cert: file('sslcert'),
    key: file('sslkey'),
  }
}

function readPem(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (reason) {
    throw new SupaqueueError(
      'SQ422',
      `${name} of the database URL names ${path}, which cannot be read: ${(reason as Error).message}`,
      'Name a PEM file that this user may read.',
    )
  }
}

function parse(text: string): URL {
  try {
    const url = new URL(text)
    // An @ behind the host is of a password that nobody encoded: what was read as the host would be a part of it.
    const isCut = /@/.test(url.pathname + url.hash) || url.username === '' && /@/.test(url.search)
    if (/^postgres(ql)?:$/.test(url.protocol) && !isCut) return url
  } catch {
    // The text may hold a password: it is not repeated.
  }
  throw new SupaqueueError(
    'SQ422',
    'the database URL is not one of a Postgres',
    'Write postgresql://user@host:port/database, and set the password as SUPABASE_DB_PASSWORD.',
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A password with a percent sign that nobody encoded.
    return text
  }
}
