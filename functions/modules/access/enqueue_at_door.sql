-- enqueue_at_door: an end user who has entered puts one job into the queue.
--
-- writes     supaqueue.job
--
--   dedupe_key  is theirs alone: nobody else's key can be taken, or found out. While
--               it is taken, the job that has it is returned and nothing is enqueued.
--               Who calls as anon is nobody, and has no keys.
--   run_at      never in the past, which would overtake the others
--   owner       is the user
-- anon gets no id: it can do nothing with it, and ids tell how much a project does.
-- Errors: SQ413, SQ422.

create or replace function supaqueue_internal.enqueue_at_door(
  door supaqueue.door, user_id uuid, payload jsonb, dedupe_key text, run_at timestamptz
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  door constant supaqueue.door := enqueue_at_door.door;
  wanted supaqueue.job;
  bytes text;
  fault text;
  made bigint;
begin
  wanted.queue := door.queue;
  wanted.owner := enqueue_at_door.user_id;
  wanted.payload := coalesce(enqueue_at_door.payload, '{}');
  wanted.run_at := greatest(enqueue_at_door.run_at, now());

  bytes := supaqueue_internal.oversize(wanted.payload, door.max_bytes);
  if bytes is not null and supaqueue_internal.json_fault(wanted.payload) is null then
    raise exception using
      errcode = 'SQ413',
      message = format('the payload has %s bytes, and at most %s are accepted here', bytes, door.max_bytes),
      hint = 'Nothing was changed. Put large data into Storage, and only its location into the payload.';
  end if;
  perform supaqueue_internal.assert_payload(supaqueue_internal.find_queue(door.queue::text), wanted.payload);

  fault := case
    when wanted.run_at > now() + door.max_delay then format('run_at is at most %s from now', door.max_delay)
    when octet_length(enqueue_at_door.dedupe_key) > 500 then 'a dedupe_key has at most 500 bytes'
    when enqueue_at_door.dedupe_key is not null and wanted.owner is null then 'a dedupe_key is for users who have signed in'
    when door.schema is not null then supaqueue_internal.payload_fault(door.schema, wanted.payload)
  end;
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = fault,
      hint = 'Nothing was changed. The owner of the queue decides what it accepts.';
  end if;

  if enqueue_at_door.dedupe_key is not null then
    -- check_keys lets nobody write it but for the owner of the job.
    wanted.dedupe_key := concat('supaqueue-user:', wanted.owner, ':', enqueue_at_door.dedupe_key);
  end if;
  made := (supaqueue_internal.insert_job(wanted, 'skip')).id;
  return case when wanted.owner is not null then made end;
end;
$$;

comment on function supaqueue_internal.enqueue_at_door(supaqueue.door, uuid, jsonb, text, timestamptz) is 'Puts a job of an end user into a queue that is open to them.';
