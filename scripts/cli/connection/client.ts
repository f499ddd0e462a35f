import { checkServerIdentity, type ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { type Address, readAddress, type Tls } from './address.ts'
import { type Roots, rootsFor } from './trust.ts'

/** The parts of the driver's client that its types do not tell of. */
type Driver = {
  connection: {
    ssl: ConnectionOptions | false
    stream: { destroy(): unknown }
    once(event: string, listener: () => void): unknown
  }
}

/**
 * The only client that connects to a database: it speaks to no server but this machine's before that has proved by a
 * certificate who it is, and gives no server the password, nor what the password could be guessed from by md5.
 */
export class Client extends pg.Client {
  readonly #address: Address
  #roots: Roots | undefined

  constructor({ connectionString = '', ...config }: pg.ClientConfig) {
    const address = readAddress(connectionString)
    let mayProve = false
    super({
      connectionTimeoutMillis: 10_000,
      ...config,
      host: address.host,
      port: address.port,
      user: address.user,
      database: address.database,
      ...(address.options !== undefined && { options: address.options }),
      application_name: config.application_name ?? address.applicationName ?? 'supaqueue',
      ssl: optionsOf(address),
      // Asked for by the driver when a server wants it in whatever way; SCRAM alone shows the server that we know it.
      password: () => {
        if (!mayProve) throw refused(address)
        return address.password ?? process.env.PGPASSWORD ?? ''
      },
    })
    this.#address = address
    const { connection } = this as unknown as Driver
    connection.once('authenticationSASL', () => mayProve = true)
  }

  override connect(): Promise<pg.Client>
  override connect(callback: ((reason: Error) => void) | ((reason: null, client: pg.Client) => void)): void
  override connect(callback?: (reason: never, client: never) => void): Promise<pg.Client> | void {
    if (!callback) return this.#open()
    // The driver's own pool asks in this way.
    const told = callback as (reason: Error | null, client?: pg.Client) => void
    this.#open().then((client) => told(null, client), told)
  }

  async #open(): Promise<pg.Client> {
    const { tls, host } = this.#address
    try {
      if (tls.kind === 'verified' && tls.root === undefined) {
        this.#roots = await rootsFor(host)
        const { ssl } = (this as unknown as Driver).connection
        if (ssl) ssl.ca = this.#roots.ca
      }
      return await super.connect()
    } catch (reason) {
      // Where it is we who refuse, the server would keep the line open, and with it this process.
      const { connection } = this as unknown as Driver
      connection.stream.destroy()
      throw explain(reason as NodeJS.ErrnoException, this.#address, this.#roots)
    }
  }
}

/** Connects; the connection is to be ended by whoever asked for it. */
export async function connect(connectionString: string, applicationName = 'supaqueue'): Promise<Client> {
  const client = new Client({ connectionString, application_name: applicationName, keepAlive: true })
  // A connection that is lost says so by this event, too; the next query tells.
  client.on('error', () => {})
  await client.connect()
  // Names that we do not qualify are PostgreSQL's own, whatever others have put on the path.
  await client.query('set search_path = pg_catalog, pg_temp')
  return client
}

/** A pool of such clients, whose connections may break at any time: the next use finds a new one, and nothing else happens. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const made = Client as unknown as NonNullable<pg.PoolConfig['Client']>
  const pool = new pg.Pool({ connectionTimeoutMillis: 10_000, keepAlive: true, ...config, Client: made })
  // Without listeners, a break would end the process: of a connection that waits in the pool, and of one in use.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

function optionsOf({ host, tls }: Address): ConnectionOptions | false {
  if (tls.kind === 'clear') return false
  if (tls.kind === 'unverified') return { rejectUnauthorized: false }
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_, certificate) => tls.nameToo ? checkServerIdentity(host, certificate) : undefined,
    ...(tls.root !== undefined && { ca: tls.root }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
  }
}

const refused = ({ host }: Address) =>
  new SupaqueueError(
    'SQ403',
    `the server at ${host} asked for the password in the clear or by md5, and did not get it`,
    "Have it ask by SCRAM: password_encryption = 'scram-sha-256', scram-sha-256 in pg_hba.conf, and set the password again. If it never asked so before, this is not your server.",
  )

/** Of a certificate that does not hold, what to do; everything else as it is. */
function explain(reason: NodeJS.ErrnoException, { host, tls }: Address, roots: Roots | undefined): Error {
  if (reason instanceof SupaqueueError || tls.kind === 'clear') return reason
  if (/does not support SSL/.test(reason.message)) {
    return new SupaqueueError(
      'SQ504',
      `the server at ${host} does not encrypt: nothing was sent to it`,
      'Switch TLS on there (ssl = on). Over a line that you trust: sslmode=disable in the database URL, with --insecure-tls.',
    )
  }
  const code = reason.code ?? ''
  if (!/CERT|SELF_SIGNED|VERIFY|ISSUER|ALTNAME/.test(code)) return reason
  return new SupaqueueError(
    'SQ504',
    `the server at ${host} did not prove who it is, and was sent nothing: ${reason.message} (${code})`,
    remedy(tls, roots),
  )
}

function remedy(tls: Tls, roots: Roots | undefined): string {
  if (roots?.missing) {
    return `Supabase's root certificate could not be had: ${roots.missing}. Download it in the dashboard (Project Settings, ` +
      `Database, SSL Configuration), and save it as ${roots.file}; then run the same command again.`
  }
  const own = tls.kind === 'verified' && tls.root !== undefined
    ? 'The file of sslrootcert is not of who signed it.'
    : 'For a certificate authority of your own: ?sslmode=verify-full&sslrootcert=<file> in the database URL.'
  return `${own} To connect all the same to whoever answers there: --insecure-tls.`
}
