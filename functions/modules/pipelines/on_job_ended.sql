-- on_job_ended: a job that others depend on ended, or was put back after it had.
--
-- At commit, and not before: until then a user's open transaction would hold what
-- depends on it. Costs nothing but its condition for a job that nobody depends on.
-- Never raises: what cannot be settled is set aside.
-- Security definer: whoever may write this table may not write dependencies.

create or replace function supaqueue_internal.on_job_ended()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
begin
  if current_setting('supaqueue.dependencies_locked', true) = 'yes' then
    raise exception using
      errcode = 'SQ423',
      message = 'somebody locks a table that is needed to settle who waits for this job',
      hint = 'It was not waited for again in this transaction. The sweep tries again.';
  end if;
  if greatest(old.status, new.status) > 'in_progress' then
    perform supaqueue_internal.settle_source(new.id);
  end if;
  -- In a user's own transaction what they deferred is theirs to hear.
  if current_setting('supaqueue.own_commit', true) = 'yes' then
    perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
  end if;
  return null;
exception when query_canceled or assert_failure or others then
  perform set_config('supaqueue.dependencies_locked', 'yes', true) where sqlstate = '55P03';
  perform supaqueue_internal.put_aside('dependencies', new.id::text, sqlstate, sqlerrm, queue => new.queue, job => new.id);
  return null;
end;
$$;

comment on function supaqueue_internal.on_job_ended() is 'A job that others depend on ended: tells them.';

drop trigger if exists on_job_ended on supaqueue.job;
create constraint trigger on_job_ended
  after update of status on supaqueue.job
  deferrable initially deferred
  for each row
  when (new.has_targets)
  execute function supaqueue_internal.on_job_ended();
