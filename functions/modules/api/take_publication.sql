-- take_publication: what is published by the HTTP API.
--
-- writes     what publish writes
--
-- `request` has what publish takes, under the same names; `delay_ms` in place of delay. Returns {ids}.
-- Errors: those of publish.

create or replace function supaqueue_internal.take_publication(topic text, request jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object('ids', to_jsonb(supaqueue.publish(
    topic => take_publication.topic,
    payload => coalesce(take_publication.request -> 'payload', '{}'),
    dedupe_key => take_publication.request ->> 'dedupe_key',
    concurrency_key => take_publication.request ->> 'concurrency_key',
    priority => coalesce((take_publication.request ->> 'priority')::integer, 0),
    delay => supaqueue_internal.from_ms(take_publication.request ->> 'delay_ms')
  )));
end;
$$;

comment on function supaqueue_internal.take_publication(text, jsonb) is 'Publishes what came by the HTTP API.';
