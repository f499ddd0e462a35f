-- on_limit_managed: a rate limit was set, changed or taken away: who did it is written down.
--
-- A claim writes the same row, and other columns of it.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_limit_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  subject constant text := coalesce(new.name, old.name);
begin
  if tg_op = 'UPDATE' and (new.max_rps, new.burst) = (old.max_rps, old.burst) then
    return null;
  end if;
  perform supaqueue_internal.note_act(
    'set rate limit',
    -- The limit of one queue has its id for a name.
    (select queue.id from supaqueue.queue where queue.id::text = subject),
    before => case when tg_op <> 'INSERT' then jsonb_build_object('limit', old.name, 'max_rps', old.max_rps, 'burst', old.burst) end,
    after => case when tg_op <> 'DELETE' then jsonb_build_object('limit', new.name, 'max_rps', new.max_rps, 'burst', new.burst) end
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_limit_managed() is 'A rate limit was set, changed or taken away: writes down who did it.';

drop trigger if exists on_limit_managed on supaqueue.rate_limit;
create trigger on_limit_managed
  after insert or delete or update of max_rps, burst on supaqueue.rate_limit
  for each row
  execute function supaqueue_internal.on_limit_managed();
