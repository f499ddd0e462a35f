-- vouch: the jobs that the next statement inserts were checked by whoever inserts them.
--
-- called by  functions that make many jobs in one statement, right before it; and right after it, with `done`
-- writes     the session's value of the sequence vouched, and the setting supaqueue.vouched
--
-- check_inserted_job then looks at nothing: payload and origin are what it would let through, nothing that has a default is
-- null, keys are of the right length, nothing is in place of its queue's. To look costs more than half as much as the insert itself.
-- Anybody may write the setting, and nobody else the sequence; both must be the same. What was drawn cannot be guessed,
-- and is void after the statement: when it fails, for the setting is as it was before.

create or replace function supaqueue_internal.vouch(done boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  mark constant bigint := setval(
    'supaqueue_internal.vouched',
    greatest(1, ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 17, 15))::bit(60)::bigint)
  );
begin
  perform set_config('supaqueue.vouched', case when vouch.done then '' else mark::text end, true);
end;
$$;

comment on function supaqueue_internal.vouch(boolean) is 'Says that the jobs which the next statement inserts were checked.';
