-- note_called_alone: that calls went out is written down one by one, since it could not be all at once.
--
-- expects    that its caller holds them
-- writes     supaqueue.current_job, supaqueue.trouble
--
-- In place of the core's default.
-- One that cannot be written is set aside: if its run dies, its job may be called once more without using an attempt. Time
-- that is over cannot be given twice.

create or replace function supaqueue_internal.note_called_alone(tokens uuid[], code text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  one uuid;
  failed_code text := note_called_alone.code;
begin
  foreach one in array note_called_alone.tokens loop
    exit when failed_code = '57014';
    begin
      update supaqueue.current_job set called = true where current_job.id = one;
      perform supaqueue_internal.fire_deferred();
    exception when query_canceled or assert_failure or others then
      failed_code := sqlstate;
      perform supaqueue_internal.put_aside('called', one::text, sqlstate, sqlerrm, held.queue, held.job)
      from supaqueue.current_job as held where held.id = one;
    end;
  end loop;
end;
$$;

comment on function supaqueue_internal.note_called_alone(uuid[], text) is 'Writes down one by one that calls went out.';
