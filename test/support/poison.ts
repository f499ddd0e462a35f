import { type Harness, harness as harnessOf } from './harness.ts'
import type { TestDatabase } from './database.ts'

/** What a trigger of the user's may do to a row whose payload has `poison`. */
export const harms = {
  raises: `raise exception 'no row in mine for job %', new.id using errcode = '23503'`,
  'waits for a lock': `lock table public.mine in exclusive mode`,
  'cancels itself': `raise exception 'canceling statement due to statement timeout' using errcode = '57014'`,
  'asserts what does not hold': `assert false, 'as every job of mine must'`,
  'leaves the row as it was': `return null`,
} as const

/** A database with a user in it, who does to jobs with `poison` what they like. */
export async function poisoned(database: TestDatabase) {
  const harness = harnessOf(await database.connect())
  const owner = harnessOf(await database.connect('owner'))
  await owner.db.query('create table public.mine (job bigint)')
  return {
    harness,
    owner,

    /** From now on a trigger of the user's does harm whenever a poisoned job is written as `when` says. */
    async harm(does: string, when = 'true', trigger = 'before update'): Promise<void> {
      await owner.db.query(`
        create or replace function public.mirror() returns trigger language plpgsql as $$
        begin
          if new.payload ? 'poison' and (${when}) then
            ${does};
          end if;
          return new;
        end $$`)
      await owner.db.query(
        `create ${trigger.includes('deferred') ? 'constraint ' : ''}trigger mirror ${
          trigger.replace('deferred', '')
        } on supaqueue.job ${trigger.includes('deferred') ? 'deferrable initially deferred' : ''}
         for each row execute function public.mirror()`,
      )
    },

    async heal(): Promise<void> {
      await owner.db.query('drop trigger mirror on supaqueue.job')
    },

    poison: (queue: string, more: Parameters<Harness['job']>[1] = {}) =>
      harness.job(queue, { payload: { poison: 1 }, ...more }),

    async troubles() {
      const { rows } = await harness.db.query('select * from supaqueue.trouble order by kind, subject')
      return rows
    },

    /** What was set aside is tried by the next sweep. */
    async comeDue(): Promise<void> {
      await harness.db.query('update supaqueue.trouble set next_try_at = now()')
    },

    async explain(job: number): Promise<string> {
      return (await harness.db.query(`select supaqueue.explain($1) ->> 'text' as text`, [job])).rows[0].text
    },
  }
}
