import type { DataApi } from './data_api.ts'
import type { Database } from './database.ts'
import type { EdgeFunctions } from './edge.ts'

/** The project that a command is about. */
export type Project = {
  /** For people: the ref, or where the database is. */
  name: string
  db: Database
  /** Where functions answer, as seen from the database; no slash at its end. */
  functionsUrl: string
  /** The same, as seen from this machine. */
  reachUrl: string
  edge: EdgeFunctions
  dataApi: DataApi
  /**
   * Brings the database to what migrations/ and functions/ say, with the add-ons that are named or were installed before. Returns
   * whether there was anything to do.
   */
  applySql(): Promise<boolean>
  /** The add-ons that were asked for. */
  addons: string[]
  /** Whether the HTTP API was asked for. */
  api: boolean
  /** Whether the schema is to be exposed to the Data API. */
  expose: boolean
  /** Why the platform can be asked and told nothing: only the database is known. Undefined where it can. */
  unmanaged?: string
  /** A PostgreSQL of its own, without Supabase: processes do the work, and no edge function is woken. */
  standAlone?: true
  /** The secret that was given, where the functions have theirs from somebody else than us. */
  secret?: string | undefined
  /** Nothing is really changed: what was put in place is not there afterward. */
  dry?: true
  /** Told what is worth knowing beside the steps. */
  note(line: string): void
  end(): Promise<void>
}
