-- prune_audit: what was done long ago is forgotten.
--
-- reads      supaqueue.setting
-- writes     supaqueue.audit
--
-- After 90 days, or as many as the setting audit_days says (1 to 36500). At most `most` rows; returns how many.

create or replace function supaqueue_internal.prune_audit(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  chosen constant text := (select setting.value from supaqueue.setting where setting.name = 'audit_days');
  days constant integer := case when chosen ~ '^[1-9][0-9]{0,4}$' then least(chosen::integer, 36500) else 90 end;
begin
  return supaqueue_internal.forget_acts(clock_timestamp() - days * interval '1 day', prune_audit.most);
end;
$$;

comment on function supaqueue_internal.prune_audit(integer) is 'Forgets what was done long ago. Returns how many rows.';

insert into supaqueue.chore (name, place, routine) values ('audit', 150, 'prune_audit')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
