-- target_of: what a job of a queue calls, as supaqueue.circuit names it.
--
-- `url` is the job's own, or null. "host api.example.com" of a URL, with its port where that
-- is not the usual one; "function hello" of the project. Null for a queue that is pulled from:
-- nothing is called.

create or replace function supaqueue_internal.target_of(queue supaqueue.queue, url text default null)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when (target_of.queue).mode = 'pull' then null
    when coalesce(target_of.url, (target_of.queue).url) is null then 'function ' || (target_of.queue).edge_function_name
    else 'host ' || supaqueue_internal.host_of(coalesce(target_of.url, (target_of.queue).url))
  end;
end;
$$;

comment on function supaqueue_internal.target_of(supaqueue.queue, text) is 'What a job of a queue calls: a function of the project, or a host.';
