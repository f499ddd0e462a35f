-- say_interval: an interval in words short enough for a sentence: 1.2 s, 3 min, 2 h,
-- 5 days.
--
-- called by  this module and explain

create or replace function supaqueue_internal.say_interval(span interval)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  seconds constant numeric := greatest(extract(epoch from say_interval.span), 0);
begin
  return case
    when not isfinite(say_interval.span) then 'an endless time'
    when seconds < 10 then round(seconds, 1) || ' s'
    when seconds < 120 then round(seconds) || ' s'
    when seconds < 7200 then round(seconds / 60) || ' min'
    when seconds < 172800 then round(seconds / 3600) || ' h'
    else round(seconds / 86400) || ' days'
  end;
end;
$$;

comment on function supaqueue_internal.say_interval(interval) is 'An interval in words short enough for a sentence.';
