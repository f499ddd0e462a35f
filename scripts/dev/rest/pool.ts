import pg from 'pg'

/** A pool whose connections may break at any time: the next use finds a new one, and nothing else happens. */
export function makePool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ connectionTimeoutMillis: 10_000, ...config })
  // Without listeners, a break would end the process: of a connection that waits in the pool, and of one in use.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}
