-- own_job: a job of the caller's, and what its door lets them do with it.
--
-- reads      supaqueue.job, supaqueue.queue, supaqueue.door, each by its key
--
-- Theirs is a job that they enqueued, in a queue that is still open to them. Who calls
-- as anon is nobody, and has none. service_role has all, and may send what it likes:
-- `may_signal` and `max_bytes` are null. Errors: SQ403, SQ404.

create or replace function supaqueue_internal.own_job(
  id bigint, out owned supaqueue.job, out queue_name text, out show_result boolean, out may_cancel boolean, out may_signal text[],
  out max_bytes integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  self record;
begin
  self := supaqueue_internal.caller();
  select * into own_job.owned from supaqueue.job where job.id = own_job.id;

  select queue.name, door.show_result, door.may_cancel, door.may_signal, door.max_bytes
  into own_job.queue_name, own_job.show_result, own_job.may_cancel, own_job.may_signal, own_job.max_bytes
  from supaqueue.queue
  join lateral (
    select true as show_result, true as may_cancel, null::text[] as may_signal, null::integer as max_bytes where self.role = 'service_role'
    union all
    select door.show_result, door.may_cancel, door.may_signal, door.max_bytes
    from supaqueue.door
    where door.queue = queue.id
      and door.role = self.role
      and (own_job.owned).owner = self.user_id
  ) as door on true
  where queue.id = (own_job.owned).queue;

  if not found then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s of yours', coalesce(own_job.id::text, 'null')),
      hint = 'A user sees the jobs that they enqueued themselves, signed in, until these are pruned.';
  end if;
end;
$$;

comment on function supaqueue_internal.own_job(bigint) is 'A job of the caller''s, and what its door lets them do with it.';
