-- insert_in_burst: insert a job that is one of many with its dedupe_key, of which few are to run.
--
-- Refused: in the core every job that is enqueued runs. Errors: SQ501.

create or replace function supaqueue_internal.insert_in_burst(
  wanted supaqueue.job, debounce interval, max_wait interval, throttle interval, out id bigint, out enqueued boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'SQ501',
    message = 'bursts cannot become one job here: debounce and throttle need a module that is not installed',
    hint = 'Nothing was changed. Enqueue it without them, or install all of supaqueue.';
end;
$$;

comment on function supaqueue_internal.insert_in_burst(supaqueue.job, interval, interval, interval) is 'Inserts a job that is one of many with its dedupe_key.';
