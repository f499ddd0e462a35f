import type pg from 'pg'

/** Why an attempt was not a success, as the database was told. */
export type Outcome = { job: number; attempt: number; why: Why }

export type Why =
  | 'failed'
  | 'put off'
  | 'not begun'
  | 'no answer in time'
  | 'function died'
  | 'connection lost'
  | 'lease ran out'
  | 'run ended'
  | 'other'

// Nobody knows how far the user's code got.
const unknown = new Set<Why>(['no answer in time', 'function died', 'connection lost', 'lease ran out', 'run ended'])
export const isUnknown = (why: Why): boolean => unknown.has(why)

const signs: [RegExp, Why][] = [
  [/^HTTP 429/, 'put off'],
  // By a word of a batch's answer, which leaves no error.
  [/^$/, 'put off'],
  [/^HTTP 5\d\d (WORKER_|EDGE_)/, 'function died'],
  [/^HTTP \d{3} [A-Z]/, 'not begun'],
  [/^HTTP 500/, 'failed'],
  [/^no answer within/, 'no answer in time'],
  [/^no answer/, 'connection lost'],
  [/^no run of the dispatcher came|^not_run|^not called/, 'not begun'],
  [/before its lease ran out$/, 'lease ran out'],
  [/before it was known to have called$/, 'run ended'],
]

export const whyOf = (error: string): Why => signs.find(([sign]) => sign.test(error))?.[1] ?? 'other'

/** From here on the database keeps what supaqueue itself forgets when a later attempt succeeds. */
export async function keepOutcomes(db: pg.Client): Promise<void> {
  await db.query(`
    create schema soak;
    create table soak.outcome (job bigint not null, attempt integer not null, error text not null);
    create function soak.keep() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      insert into soak.outcome (job, attempt, error) values (new.id, old.attempts, coalesce(new.error, ''));
      return null;
    end;
    $$;
    create trigger soak_keep after update of status on supaqueue.job for each row
    when (old.status = 'in_progress' and new.status in ('pending', 'failed'))
    execute function soak.keep();
  `)
}

export async function readOutcomes(db: pg.Client): Promise<Outcome[]> {
  const { rows } = await db.query<{ job: string; attempt: number; error: string }>('select * from soak.outcome')
  return rows.map(({ job, attempt, error }) => ({ job: Number(job), attempt, why: whyOf(error) }))
}
