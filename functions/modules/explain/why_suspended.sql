-- why_suspended: what the function of a job waits for, in plain words.
--
-- reads      supaqueue.step
--
-- A list of {code, text, step, since, until}: `signal`, `sleep`, or `step_retry` for a step that is tried
-- again by its own retries. Those that come first first, ten at most; empty when it waits for none.

create or replace function supaqueue_internal.why_suspended(job bigint, at timestamptz)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'code', case open.status when 'waiting' then 'signal' when 'sleeping' then 'sleep' else 'step_retry' end,
      'text', concat(
        case open.status
          when 'waiting' then format('waits for the signal %s since ', open.name)
          when 'sleeping' then format('sleeps in the step %s since ', open.name)
          else format('the step %s failed and is tried again by itself, since ', open.name)
        end,
        supaqueue_internal.say_interval(why_suspended.at - coalesce((open.tries -> -1 ->> 'at')::timestamptz, open.begun_at)),
        case
          when open.until is null then ', without an end'
          when open.until < why_suspended.at + interval '6 days' then
            ', until ' || to_char(open.until at time zone 'UTC', 'FMDay HH24:MI') || ' UTC'
          else ', until ' || to_char(open.until at time zone 'UTC', 'YYYY-MM-DD')
        end,
        ' (' || left(open.error, 200) || ')'
      ),
      'step', open.name, 'since', open.begun_at, 'until', open.until
    ) order by open.until nulls last, open.place), '[]')
    from (
      select step.*
      from supaqueue.step
      where step.job = why_suspended.job
        and (step.status in ('waiting', 'sleeping') or step.status = 'failed' and step.until > why_suspended.at)
      order by step.until nulls last, step.place
      limit 10
    ) as open
  );
end;
$$;

comment on function supaqueue_internal.why_suspended(bigint, timestamptz) is 'What the function of a job waits for, in plain words.';
