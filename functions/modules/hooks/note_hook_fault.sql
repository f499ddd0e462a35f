-- note_hook_fault: a hook could not do as it was told, and the write went on.
--
-- called by  the functions of hooks
-- writes     supaqueue.hook_fault
--
-- Only ever inserts: a row that counts would have one write wait for the other. The same
-- fault is noted once a minute, and ten a minute of a hook at most: a reason may show what somebody wrote, so that each
-- row has another one. What was lost, each time.

create or replace function supaqueue_internal.note_hook_fault(hook uuid, code text, reason text, lost bigint default 0)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into supaqueue.hook_fault (hook, code, reason, lost)
  select known.id, note_hook_fault.code, left(note_hook_fault.reason, 1000), note_hook_fault.lost
  from supaqueue.hook as known
  where known.id = note_hook_fault.hook and (note_hook_fault.lost > 0 or (
    select coalesce(bool_and((latest.code, latest.reason) <> (note_hook_fault.code, left(note_hook_fault.reason, 1000))), true) and count(*) < 10
    from (
      select noted.code, noted.reason
      from supaqueue.hook_fault as noted
      where noted.hook = known.id and noted.noted_at > clock_timestamp() - interval '1 minute' and noted.lost = 0
      limit 10
    ) as latest
  ))
$$;

comment on function supaqueue_internal.note_hook_fault(uuid, text, text, bigint) is 'Notes what a hook could not do as it was told.';
