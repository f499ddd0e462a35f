-- step_shown: a step as a function gets it.
--
-- `left_ms` is how long it still waits; `ended` is by which order those that are over ended.
-- `result` is missing where there is none, as it is not the same as a null.

create or replace function supaqueue_internal.step_shown(step supaqueue.step, at timestamptz)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  seen constant supaqueue.step := step_shown.step;
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'name', seen.name, 'occurrence', seen.occurrence, 'item', seen.item, 'kind', seen.kind, 'status', seen.status,
    'version', seen.version, 'place', seen.place, 'alone', seen.alone, 'attempts', seen.attempts, 'items', seen.items,
    'fingerprint', seen.fingerprint, 'ms', seen.ms, 'error', seen.error,
    'left_ms', case when seen.until is not null then round((date_part('epoch', seen.until - step_shown.at) * 1000)::numeric) end,
    'ended', case when seen.ended_at is not null then date_part('epoch', seen.ended_at) * 1000 end
  )) || case when seen.result is not null then jsonb_build_object('result', seen.result) else '{}' end;
end;
$$;

comment on function supaqueue_internal.step_shown(supaqueue.step, timestamptz) is 'A step as a function gets it.';
