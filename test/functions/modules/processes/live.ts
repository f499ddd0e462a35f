import { randomUUID } from 'node:crypto'
import type { Harness } from '../../../support/harness.ts'

/** A process that serves queues and lives, or died where its lease is over. */
export const live = (
  harness: Harness,
  { id = randomUUID(), name = '', queues = null, functions = true, lease = '50 seconds' }: {
    id?: string
    name?: string
    queues?: readonly string[] | null
    functions?: boolean
    lease?: string
  } = {},
) =>
  harness.db.query(
    `insert into supaqueue.process (id, name, queues, functions, lease_until)
     values ($1, $2, $3, $4, clock_timestamp() + $5::interval)`,
    [id, name, queues, functions, lease],
  )
