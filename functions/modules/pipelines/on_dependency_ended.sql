-- on_dependency_ended: what a job depends on has ended, was put back, or is gone; at
-- commit its target is settled.
--
-- At commit, and not before: until then a user's open transaction would hold the
-- target. Never raises: whoever ends a source is not to fail for what a trigger of the
-- user's says to its target, which is set aside. Once for many sources of one target that end together: the condition
-- notes the target in a setting of the transaction.
-- Security definer: whoever may write this table may not write jobs.

create or replace function supaqueue_internal.on_dependency_ended()
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
      message = 'somebody locks a table that is needed to settle what this job waits for',
      hint = 'It was not waited for again in this transaction. The sweep tries again.';
  end if;
  perform set_config('supaqueue.settling', '', true);
  perform supaqueue_internal.settle_target(old.target);
  -- In a user's own transaction what they deferred is theirs to hear.
  if current_setting('supaqueue.own_commit', true) = 'yes' then
    perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
  end if;
  return null;
exception when query_canceled or assert_failure or others then
  perform set_config('supaqueue.dependencies_locked', 'yes', true) where sqlstate = '55P03';
  perform supaqueue_internal.put_aside('dependencies', old.target::text, sqlstate, sqlerrm, job => old.target);
  return null;
end;
$$;

comment on function supaqueue_internal.on_dependency_ended() is 'What a job depends on has ended or is gone: settles the job.';

drop trigger if exists on_dependency_ended on supaqueue.job_dependency;
create constraint trigger on_dependency_ended
  after update of ended_as or delete on supaqueue.job_dependency
  deferrable initially deferred
  for each row
  -- A case: of operands PostgreSQL promises no order, and this writes a setting.
  when (case
    when current_setting('supaqueue.settling', true) = old.target::text then false
    else set_config('supaqueue.settling', old.target::text, true) is not null
  end)
  execute function supaqueue_internal.on_dependency_ended();
