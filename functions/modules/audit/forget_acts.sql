-- forget_acts: deletes what was done before a time, and at least a day ago.
--
-- writes     supaqueue.audit, by its index of times, and what forget_rows writes
--
-- Security definer: nobody else may delete what was done.

create or replace function supaqueue_internal.forget_acts(before timestamptz, most integer)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.audit');
begin
  return supaqueue_internal.forget_rows('supaqueue.audit', array(
    select old.ctid
    from supaqueue.audit as old
    where old.at < least(forget_acts.before, clock_timestamp() - interval '1 day')
      and old.ctid <> all (kept)
    order by old.at
    limit least(greatest(forget_acts.most, 0), 100000)
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.forget_acts(timestamptz, integer) is 'Deletes what was done before a time, and at least a day ago. Returns how many rows.';
