import type pg from 'pg'
import { openPool } from '../../cli/connection/client.ts'

/** A pool whose connections may break at any time: the next use finds a new one, and nothing else happens. */
export const makePool = (config: pg.PoolConfig): pg.Pool => openPool({ keepAlive: false, ...config })
