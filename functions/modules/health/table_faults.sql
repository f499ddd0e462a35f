-- table_faults: what was done to our tables that no row of theirs can be blamed for.
--
-- reads      the catalogue, supaqueue.chore; locks nothing
--
-- A list of findings; empty when all is well. Rules of the user's, with which PostgreSQL refuses "returning" and "on
-- conflict"; triggers of ours that are switched off; chores that nobody does, since their rows are gone.

create or replace function supaqueue_internal.table_faults()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(fault.found), '[]')
  from (
    select supaqueue_internal.finding(
      'rule', 'error',
      format('the rule %I on supaqueue.%I stands in the way of what supaqueue writes there: what cannot be done is set aside', rule.rulename, held.relname),
      format('drop rule %I on supaqueue.%I;', rule.rulename, held.relname)
    ) as found
    from pg_rewrite as rule
    join pg_class as held on held.oid = rule.ev_class and held.relkind = 'r' and held.relnamespace = 'supaqueue'::regnamespace
    union all
    select supaqueue_internal.finding(
      'trigger_disabled', 'error',
      format('the trigger %I on supaqueue.%I is switched off: what it does is left undone until the sweep finds it, or for ever', ours.tgname, held.relname),
      format('alter table supaqueue.%I enable trigger %I;', held.relname, ours.tgname)
    )
    from pg_trigger as ours
    join pg_class as held on held.oid = ours.tgrelid and held.relnamespace = 'supaqueue'::regnamespace
    join pg_proc on pg_proc.oid = ours.tgfoid and pg_proc.pronamespace = 'supaqueue_internal'::regnamespace
    where ours.tgenabled in ('D', 'R')
    union all
    select supaqueue_internal.finding(
      'chores_missing', 'error',
      format('the sweep leaves %s undone, such as %s: their rows in supaqueue.chore are gone', case count(*) when 1 then 'a chore' else count(*) || ' chores' end, min(lacking.proname)),
      'npx supaqueue upgrade'
    )
    from pg_proc as lacking
    where lacking.pronamespace = 'supaqueue_internal'::regnamespace
      and lacking.prorettype = 'integer'::regtype
      -- So are all chores, and nothing else.
      and 'most' = any (lacking.proargnames)
      and lacking.pronargs = lacking.pronargdefaults
      and not exists (select from supaqueue.chore where chore.routine = lacking.proname)
    having count(*) > 0
  ) as fault
$$;

comment on function supaqueue_internal.table_faults() is 'What was done to our tables that no row of theirs can be blamed for: rules, triggers that are off, chores that are gone.';
