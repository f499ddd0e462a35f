-- table_faults: what was done to our tables that no row of theirs can be blamed for.
--
-- reads      the catalog, supaqueue.chore, supaqueue.trouble; locks nothing
--
-- A list of findings; empty when all is well. Rules of the user's, with which PostgreSQL refuses "returning" and "on
-- conflict"; columns of the user's that must be filled, which nobody of ours does; what they let no two rows have; triggers
-- of ours that are switched off; chores that nobody does, since their rows are gone.
--
-- Constraints and indexes of ours are named after their table and what they claim, those of others by PostgreSQL, or by
-- anybody. What a user demands of queues, workers and jobs is theirs to meet: it is named once it has refused something.

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
      'column_required', 'error',
      format('no row comes into supaqueue.%I: its column %I must not be null, has no default, and is not filled by supaqueue', held.relname, lacking.attname),
      format('alter table supaqueue.%I alter column %I drop not null;', held.relname, lacking.attname)
    )
    from pg_attribute as lacking
    join pg_class as held on held.oid = lacking.attrelid and held.relkind = 'r' and held.relnamespace = 'supaqueue'::regnamespace
    where lacking.attnum > 0 and not lacking.attisdropped
      and lacking.attnotnull and not lacking.atthasdef and lacking.attidentity = ''
      and format('%s.%s', held.relname, lacking.attname) <> all (supaqueue_internal.filled_columns())
    union all
    select supaqueue_internal.finding(
      'constraint', 'warning',
      format('%I on supaqueue.%I refuses rows that supaqueue writes: what it refuses is set aside', demand.name, demand.relname),
      demand.remedy
    )
    from (
      select held.relname, made.relname as name, 'unique' as kind,
        case when listed.conname is null
          then format('drop index supaqueue.%I;', made.relname)
          else format('alter table supaqueue.%I drop constraint %I;', held.relname, listed.conname)
        end as remedy
      from pg_index
      join pg_class as held on held.oid = pg_index.indrelid and held.relkind = 'r' and held.relnamespace = 'supaqueue'::regnamespace
      join pg_class as made on made.oid = pg_index.indexrelid
      left join pg_constraint as listed on listed.conindid = pg_index.indexrelid and listed.contype in ('u', 'x')
      where (pg_index.indisunique or pg_index.indisexclusion) and not pg_index.indisprimary
        and not (starts_with(made.relname, held.relname || '_') and made.relname !~ '_(key|idx|excl)[0-9]*$')
      union all
      select held.relname, listed.conname, 'check', format('alter table supaqueue.%I drop constraint %I;', held.relname, listed.conname)
      from pg_constraint as listed
      join pg_class as held on held.oid = listed.conrelid and held.relkind = 'r' and held.relnamespace = 'supaqueue'::regnamespace
      where listed.contype = 'c' and not (starts_with(listed.conname, held.relname || '_') and listed.conname !~ '_check[0-9]*$')
    ) as demand
    where demand.kind = 'unique' and demand.relname not in ('queue', 'worker', 'job')
      or exists (
        select from (select * from supaqueue.trouble limit 10000) as known
        where known.code in ('23505', '23514', '23P01') and strpos(known.reason, format('"%s"', demand.name)) > 0
      )
      or exists (
        select from supaqueue.chore
        where chore.failures > 0 and chore.code in ('23505', '23514', '23P01') and strpos(chore.error, format('"%s"', demand.name)) > 0
      )
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

comment on function supaqueue_internal.table_faults() is 'What was done to our tables that no row of theirs can be blamed for: rules, columns, constraints, triggers that are off, chores that are gone.';
