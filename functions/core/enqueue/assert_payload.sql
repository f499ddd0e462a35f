-- assert_payload: a payload that its queue does not take is refused while somebody is there
-- to read why.
--
-- The size is that of the payload as text, in bytes: what a call sends. `place` is
-- where it stands among several. Errors: SQ413, SQ422.

create or replace function supaqueue_internal.assert_payload(queue supaqueue.queue, payload jsonb, place integer default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes text;
begin
  perform supaqueue_internal.assert_json(concat('the payload', ' of jobs[' || assert_payload.place || ']'), assert_payload.payload);

  bytes := supaqueue_internal.bytes_over(assert_payload.payload, (assert_payload.queue).payload_max_bytes);
  if bytes is not null then
    raise exception using
      errcode = 'SQ413',
      message = format(
        'the payload%s has %s bytes, and queue %s takes at most %s',
        ' of jobs[' || assert_payload.place || ']', bytes, quote_literal((assert_payload.queue).name),
        (assert_payload.queue).payload_max_bytes
      ),
      hint = 'Nothing was changed. Put large data into Storage or a table, and only its location into the payload; or raise payload_max_bytes of the queue.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_payload(supaqueue.queue, jsonb, integer) is 'Raises when a payload is larger than its queue takes, or would unfold.';
