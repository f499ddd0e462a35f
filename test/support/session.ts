import type pg from 'pg'
import type { TestDatabase } from './database.ts'

/** One connection for the tests of a file, one after the other. Each finds it as if it were new. */
export type Session = { open(): Promise<pg.Client>; release(db: pg.Client): Promise<void> }

// All that a session keeps, but what it has learned about functions and plans: to learn that again costs more than most tests.
const FORGET = `
  close all;
  unlisten *;
  deallocate all;
  select pg_advisory_unlock_all();
  discard temp;
  discard sequences;
  set session authorization default;
  reset all;
  set role service_role;
  set statement_timeout = 0`

/** The session of a database. What a test has left in a state that nothing ends is closed, and the next test has another. */
export function makeSession(database: TestDatabase): Session {
  let kept: pg.Client | undefined
  return {
    async open() {
      const db = kept ?? await database.connect()
      kept = undefined
      return db
    },
    async release(db) {
      for (const event of ['notice', 'notification']) db.removeAllListeners(event)
      // What a test that failed has left under way may never end; only closing the connection does not wait for it. One that was
      // refused is over, also where the server has not yet said that it is ready.
      const { _activeQuery } = db as unknown as { _activeQuery: object | null }
      if (_activeQuery) return await db.end()
      try {
        await db.query('rollback')
        await db.query(FORGET)
        kept = db
      } catch {
        await db.end().catch(() => {})
      }
    },
  }
}
