-- free_workers: workers that have no job any more may take the next one.
--
-- writes     supaqueue.worker
--
-- All at once; when that fails, one by one. One that cannot be unlocked stays as it is:
-- the sweep finds it.

create or replace function supaqueue_internal.free_workers(workers uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  one uuid;
  unlocked integer;
  -- Assigned, not performed: an expression costs a fraction of a statement.
  internal_write text;
begin
  begin
    -- Their current jobs are gone: see on_worker_unlocked.
    internal_write := set_config('supaqueue.internal_write', pg_trigger_depth()::text, true);
    update supaqueue.worker set locked = false where worker.id = any (free_workers.workers);
    get diagnostics unlocked = row_count;
    internal_write := set_config('supaqueue.internal_write', '', true);
    if unlocked < cardinality(free_workers.workers) then
      perform supaqueue_internal.refuse_unwritten('supaqueue.worker');
    end if;
    if current_setting('supaqueue.nothing_deferred', true) is distinct from 'yes' then
      perform supaqueue_internal.fire_deferred();
    end if;
    return;
  exception when query_canceled or assert_failure or others then
    null;
  end;
  foreach one in array free_workers.workers loop
    begin
      update supaqueue.worker set locked = false where worker.id = one;
      perform supaqueue_internal.refuse_unwritten('supaqueue.worker') from supaqueue.worker where worker.id = one and worker.locked;
      perform supaqueue_internal.fire_deferred();
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside(
        'workers', one::text, sqlstate, sqlerrm, queue => (select worker.queue from supaqueue.worker where worker.id = one)
      );
      exit when sqlstate = '57014';
    end;
  end loop;
end;
$$;

comment on function supaqueue_internal.free_workers(uuid[]) is 'Unlocks workers that have no job any more.';
