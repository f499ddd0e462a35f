-- process_faults: processes that serve queues and were not heard of for too long.
--
-- reads      what process_states reads; locks nothing
--
-- A list of findings. No error: what they served is told to another process, or to the edge function; where there is
-- none, dispatch_faults says so.

create or replace function supaqueue_internal.process_faults()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_agg(supaqueue_internal.finding(
      'process_silent', 'warning',
      format(
        'the process %s, which serves %s, was last heard of %s ago', coalesce(nullif(known.entry ->> 'name', ''), known.entry ->> 'id'),
        case jsonb_typeof(known.entry -> 'queues')
          when 'array' then (select string_agg(name, ', ') from jsonb_array_elements_text(known.entry -> 'queues') as name)
          else 'all queues' end,
        supaqueue_internal.say_interval(clock_timestamp() - (known.entry ->> 'heard_until')::timestamptz)
      ),
      format(
        'npx supaqueue work, where it ran; if it is not to run any more: delete from supaqueue.process where id = %L;',
        known.entry ->> 'id'
      ),
      (known.entry ->> 'heard_until')::timestamptz
    ) order by known.place), '[]')
    from jsonb_array_elements(supaqueue_internal.process_states()) with ordinality as known (entry, place)
    where (known.entry ->> 'missed')::boolean
  );
end;
$$;

comment on function supaqueue_internal.process_faults() is 'Processes that serve queues and were not heard of for too long.';
