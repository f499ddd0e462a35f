-- rate_since: since when a rate limit has been giving jobs that nobody has begun.
--
-- One after another at even distances, as the generic cell rate algorithm has it:
-- free_at is when the next may begin. What was not begun in time is made up for, but
-- for a quarter of a second only, as long as a look may be late; and what `burst`
-- allows after a pause. A free_at further away than one distance is of a slower rate,
-- or of a clock that was set back: the next may begin now.

create or replace function supaqueue_internal.rate_since(seen supaqueue.rate_limit, at timestamptz)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A hundred years are for ever, and no time that they are taken from comes to its end.
  each constant interval := least(1 / (rate_since.seen).max_rps, 3e9) * interval '1 second';
  saved constant interval := least(((rate_since.seen).burst - 1) / (rate_since.seen).max_rps, 3e9) * interval '1 second';
begin
  return case
    when (rate_since.seen).free_at > rate_since.at + each + interval '1 millisecond' then rate_since.at
    else greatest(
      (rate_since.seen).free_at,
      rate_since.at - interval '250 milliseconds' - saved
    )
  end;
end;
$$;

comment on function supaqueue_internal.rate_since(supaqueue.rate_limit, timestamptz) is 'Since when a rate limit has been giving jobs that nobody has begun.';
