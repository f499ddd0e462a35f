-- why_batched: whether a pending job waits for a batch to fill, or is called in smaller ones.
--
-- reads      supaqueue.job, and what due_calls reads; locks nothing
--
-- A list of {code, text, ...}; empty for most. Of the jobs that come first, a thousand calls at most.

create or replace function supaqueue_internal.why_batched(job supaqueue.job, queue supaqueue.queue, at timestamptz)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  wait constant interval := (why_batched.queue).batch_wait_ms * interval '1 millisecond';
  reasons jsonb := '[]';
  filled integer;
  full_at timestamptz;
begin
  if (why_batched.queue).batch_size = 1 then
    return reasons;
  end if;

  if (why_batched.job).batch_limit is not null then
    reasons := reasons || jsonb_build_object(
      'code', 'divided',
      'text', format(
        'a call with this job and others died; it is called %s',
        case (why_batched.job).batch_limit when 1 then 'alone' when 2 then 'with one other at most' else format('with %s others at most', (why_batched.job).batch_limit - 1) end
      ),
      'batch_limit', (why_batched.job).batch_limit
    );
  end if;

  if wait > interval '0' and (why_batched.job).run_at <= at then
    -- As if the wait were over, to see which batch it is in.
    select mates.jobs, mates.due_since + wait into filled, full_at
    from (
      select due.call, count(*) as jobs, min(case when other.run_at < '1970-01-02' then other.created_at else other.run_at end) as due_since
      from supaqueue_internal.due_calls(why_batched.queue, at + wait, 1000, 100000, per_key => (why_batched.queue).per_key) as due
      join supaqueue.job as other on other.id = due.job
      where other.run_at <= at
      group by due.call
      having bool_or(other.id = (why_batched.job).id)
    ) as mates;
    if filled < least((why_batched.queue).batch_size, (why_batched.job).batch_limit) and full_at > at then
      reasons := reasons || jsonb_build_object(
        'code', 'batch',
        'text', format(
          'its batch%s has %s of %s jobs, and is called in %s at the latest',
          case when (why_batched.queue).batch_by is not null then format(' with the key %L', (why_batched.job).concurrency_key) end,
          filled, least((why_batched.queue).batch_size, (why_batched.job).batch_limit), supaqueue_internal.say_interval(full_at - at)
        ),
        'jobs', filled, 'batch_size', (why_batched.queue).batch_size, 'until', full_at
      );
    end if;
  end if;
  return reasons;
end;
$$;

comment on function supaqueue_internal.why_batched(supaqueue.job, supaqueue.queue, timestamptz) is 'Whether a pending job waits for a batch to fill, or is called in smaller ones.';
