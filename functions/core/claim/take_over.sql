-- take_over: a run takes over current jobs of its queue that no run has.
--
-- writes     supaqueue.current_job; what report_safely and free_workers write
--
-- Returns their tokens, of at most `most` calls; of a paused queue only those that were begun
-- despite the pause. Two runs never take over the same row. A batch is taken as a whole: by its first job that is left, and not
-- while somebody holds another one. All at once; when that fails, one by
-- one, and those that cannot be written are given back: their jobs wait again, and the turn takes them as its own.

create or replace function supaqueue_internal.take_over(queue supaqueue.queue, most integer, run uuid)
returns setof uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  waiting uuid[] := array(
    select current_job.id
    from supaqueue.current_job
    where current_job.queue = (take_over.queue).id
      and current_job.dispatcher is null
      and not current_job.is_complete
      and (not (take_over.queue).paused or current_job.despite_pause)
      and (current_job.call_size = 1 or not exists (
        select from supaqueue.current_job as other where other.call = current_job.call and other.place < current_job.place
      ))
    limit take_over.most
    for update skip locked
  );
  one uuid;
  taken uuid[] := '{}';
  given_back jsonb := '[]';
begin
  if exists (select from supaqueue.current_job where current_job.id = any (waiting) and current_job.call_size > 1) then
    waiting := supaqueue_internal.whole_calls(waiting);
  end if;

  begin
    update supaqueue.current_job
    set dispatcher = take_over.run,
        begun_at = at,
        lease_until = at + (
          supaqueue_internal.call_timeout_ms(current_job, take_over.queue) + 10000
        ) * interval '1 millisecond'
    where current_job.id = any (waiting);
    perform supaqueue_internal.fire_deferred();
    return query select unnest(waiting);
    return;
  exception when query_canceled or assert_failure or others then
    if sqlstate = '57014' then
      perform supaqueue_internal.put_aside('claim', (take_over.queue).id::text, sqlstate, sqlerrm, queue => (take_over.queue).id);
      return;
    end if;
  end;

  foreach one in array waiting loop
    begin
      update supaqueue.current_job
      set dispatcher = take_over.run,
          begun_at = at,
          lease_until = at + (
            supaqueue_internal.call_timeout_ms(current_job, take_over.queue) + 10000
          ) * interval '1 millisecond'
      where current_job.id = one;
      perform supaqueue_internal.fire_deferred();
      taken := taken || one;
    exception when query_canceled or assert_failure or others then
      if sqlstate = '57014' then
        perform supaqueue_internal.put_aside('claim', (take_over.queue).id::text, sqlstate, sqlerrm, queue => (take_over.queue).id);
        exit;
      end if;
      given_back := given_back || jsonb_build_object('token', one, 'outcome', 'not_run', 'error', left(sqlerrm, 1000), 'retry_after_ms', 0);
    end;
  end loop;
  if given_back <> '[]' then
    perform supaqueue_internal.free_workers((supaqueue_internal.report_safely(given_back, (take_over.queue).id, tries => 1)).freed);
  end if;
  return query select unnest(taken);
end;
$$;

comment on function supaqueue_internal.take_over(supaqueue.queue, integer, uuid) is 'A run takes over current jobs that no run has.';
