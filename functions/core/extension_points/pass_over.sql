-- pass_over: of the jobs that were chosen, those whose own target takes calls.
--
-- All of them: the core does not ask how a target fares.

create or replace function supaqueue_internal.pass_over(
  queue supaqueue.queue, at timestamptz, chosen bigint[],
  per_key integer default null, version integer default null, only_these boolean default false
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return pass_over.chosen;
end;
$$;

comment on function supaqueue_internal.pass_over(supaqueue.queue, timestamptz, bigint[], integer, integer, boolean) is 'Of the jobs that were chosen, those whose own target takes calls.';
