-- Which signals users may send to their own jobs, by name. Without a name, none.

alter table supaqueue.door
  add column may_signal text[] not null default '{}',
  add constraint door_may_signal_is_at_most_100_names
    check (coalesce(array_ndims(may_signal), 1) = 1 and cardinality(may_signal) <= 100 and array_position(may_signal, null) is null
      and array_position(may_signal, '') is null and octet_length(array_to_string(may_signal, '')) <= 20000);

comment on column supaqueue.door.may_signal is 'Which signals users may send to their own jobs, by name. Empty: none.';

-- They say more than before.
drop function if exists supaqueue.allow(text, text, integer, jsonb, integer, interval, boolean, boolean, boolean, integer);
drop function if exists supaqueue_internal.own_job(bigint);
