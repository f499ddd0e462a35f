import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../caller.ts'
import type { Faults } from './faults.ts'

export type RestOptions = {
  databaseUrl: string
  /** The schemas a client may name. Default: public and supaqueue. */
  schemas?: string[]
  /** Database connections. Default 10. */
  connections?: number
}

/** What answers /rest/v1. Who the caller is has been decided before, by the gateway. */
export type Rest = {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>
  /** Looks at the database again: after a migration, what it knows of tables and functions is old. */
  refresh(): Promise<void>
  /** Set to make it ill, for tests. */
  faults: Faults
  stop(): Promise<void>
}

export const exposedSchemas = ['public', 'supaqueue']

/** Of a project's Data API, by default: longer answers are cut without a word. */
export const maxRows = 1000
