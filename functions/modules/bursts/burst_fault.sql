-- burst_fault: why a job cannot be one of a burst; null when it can.

create or replace function supaqueue_internal.burst_fault(
  wanted supaqueue.job, debounce interval, max_wait interval, throttle interval
)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Long enough for anybody, and no time can leave the calendar.
  longest constant interval := interval '365 days';
begin
  return case
    when wanted.dedupe_key is null then 'debounce and throttle need a dedupe_key: it says which jobs are one burst'
    when wanted.status = 'held' then 'a job of a burst begins by the clock, and cannot be held'
    when num_nonnulls(debounce, throttle) = 2 then 'a burst is debounced or throttled, not both'
    when num_nonnulls(debounce, throttle) = 0 then 'max_wait goes with debounce'
    when throttle is not null and max_wait is not null then 'max_wait goes with debounce: a throttled job waits for a period at most'
    when least(debounce, throttle, max_wait) <= interval '0' or greatest(debounce, throttle, max_wait) > longest then
      'debounce, throttle and max_wait are more than nothing and at most 365 days'
    when max_wait < debounce then 'max_wait is no shorter than debounce'
    when wanted.run_at is not null then 'debounce and throttle say when a job runs: run_at and delay do not go with them'
  end;
end;
$$;

comment on function supaqueue_internal.burst_fault(supaqueue.job, interval, interval, interval) is 'Why a job cannot be one of a burst; null when it can.';
