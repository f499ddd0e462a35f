import type pg from 'pg'
import { functionFiles } from '../../../scripts/cli/database/files.ts'

/**
 * Gives supaqueue in this database a clock that can be set: its functions and the defaults of its tables are made again
 * with another name in the place of the server's clock.
 *
 * @param db of the owner
 * @returns sets the clock to now and so much
 */
export async function installClock(db: pg.Client): Promise<(shift: string) => Promise<void>> {
  await db.query(`
    create schema faults;
    create table faults.clock as select interval '0' as shift;
    create function faults.now() returns timestamptz language sql volatile set search_path = pg_catalog, pg_temp
      as 'select clock_timestamp() + shift from faults.clock';
    grant usage on schema faults to public;
    grant select on faults.clock to public;
    alter table supaqueue.job alter run_at set default faults.now();
    alter table supaqueue.current_job alter lease_until set default faults.now() + interval '15 seconds';
  `)
  for (const { sql } of functionFiles()) {
    await db.query(sql.replaceAll('clock_timestamp()', 'faults.now()'))
  }
  return async (shift) => void await db.query('update faults.clock set shift = $1', [shift])
}
