import type { Harm } from './befall.ts'

/** What befalls a row that is written: when, and by what. */
const triggers = {
  'raises': ['before', `raise exception 'not in mine' using errcode = '23503'`],
  'asserts what does not hold': ['before', `assert false, 'not in mine'`],
  'cancels itself': ['before', `raise exception 'not in mine' using errcode = '57014'`],
  'leaves the row as it was': ['before', 'return null'],
  'raises after it': ['after', `raise exception 'not in mine' using errcode = '23503'`],
  'raises at the commit': ['deferred', `raise exception 'not in mine' using errcode = '23503'`],
} as const

const harmOf = ([when, does]: (typeof triggers)[keyof typeof triggers]): Harm => (table) => ({
  come: `
    create or replace function public.harm() returns trigger language plpgsql as $$
    begin
      if public.hurts(to_jsonb(coalesce(new, old))) then ${does}; end if;
      return coalesce(new, old);
    end $$;
    create ${when === 'deferred' ? 'constraint ' : ''}trigger harm ${when === 'before' ? 'before' : 'after'}
      insert or update or delete on supaqueue.${table} ${when === 'deferred' ? 'deferrable initially deferred' : ''}
      for each row execute function public.harm()`,
  go: `drop trigger harm on supaqueue.${table}`,
})

/** Triggers of a user, by what they do. */
export const HARMS: Record<string, Harm> = Object.fromEntries(
  Object.entries(triggers).map(([name, trigger]) => [`a trigger that ${name}`, harmOf(trigger)]),
)

/** What this one keeps from being counted is not counted, and nobody can know. */
export const uncounted = (table: string, harm: string) =>
  table === 'counter' && harm === 'a trigger that leaves the row as it was'
