-- count_calls: how many calls bring these current jobs.
--
-- reads      supaqueue.current_job
--
-- In place of the core's default.

create or replace function supaqueue_internal.count_calls(tokens uuid[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if count_calls.tokens = '{}' then
    return 0;
  end if;
  return (
    select count(distinct coalesce(current_job.call, current_job.id))
    from supaqueue.current_job
    where current_job.id = any (count_calls.tokens)
  );
end;
$$;

comment on function supaqueue_internal.count_calls(uuid[]) is 'How many calls bring these current jobs.';
