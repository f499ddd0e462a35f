-- take_signal: a signal for a job, or for whoever waits by a key, that came by the HTTP API.
--
-- writes     what signal writes
--
-- `request` has name, payload, idempotency_key, and without a job the key. Returns {id}.
-- Errors: those of signal.

create or replace function supaqueue_internal.take_signal(job bigint, request jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object('id', supaqueue.signal(
    job => take_signal.job,
    name => take_signal.request ->> 'name',
    payload => take_signal.request -> 'payload',
    key => take_signal.request ->> 'key',
    idempotency_key => take_signal.request ->> 'idempotency_key'
  ));
end;
$$;

comment on function supaqueue_internal.take_signal(bigint, jsonb) is 'Sends a signal that came by the HTTP API.';
