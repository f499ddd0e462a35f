-- enqueue_at_door: an end user puts one job into a queue that is open to them.
--
-- called by  public.supaqueue_enqueue
-- writes     supaqueue.job, supaqueue.door_use
--
-- service_role needs no door, and is held to what the queue says alone. Of all others:
--   dedupe_key  is theirs alone: nobody else's key can be taken, or found out. While
--               it is taken, the job that has it is returned and nothing is enqueued.
--               Who calls as anon is nobody, and has no keys.
--   run_at      never in the past, which would overtake the others
--   owner       is the user
-- Their per_minute, and the per_address of where they call from, are charged before their
-- payload is looked at. anon gets no id: it can
-- do nothing with it, and ids tell how much a project does.
-- Errors: SQ403, SQ404, SQ413, SQ422, SQ429.

create or replace function supaqueue_internal.enqueue_at_door(queue text, payload jsonb, dedupe_key text, run_at timestamptz)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  self record;
  door supaqueue.door;
  wanted supaqueue.job;
  bytes text;
  fault text;
  address uuid;
  made bigint;
begin
  self := supaqueue_internal.caller();
  if self.role = 'service_role' then
    return supaqueue.enqueue(
      enqueue_at_door.queue, enqueue_at_door.payload,
      dedupe_key => enqueue_at_door.dedupe_key, run_at => enqueue_at_door.run_at, on_conflict => 'skip'
    );
  end if;

  door := supaqueue_internal.find_door(enqueue_at_door.queue, self.role);
  wanted.queue := door.queue;
  wanted.owner := self.user_id;
  wanted.payload := coalesce(enqueue_at_door.payload, '{}');
  wanted.run_at := greatest(enqueue_at_door.run_at, now());

  if door.per_minute is not null then
    perform supaqueue_internal.spend_use(door, coalesce(self.user_id, '00000000-0000-0000-0000-000000000000'));
  end if;
  if door.per_address is not null then
    address := supaqueue_internal.caller_address();
    if address is not null then
      door.per_minute := door.per_address;
      perform supaqueue_internal.spend_use(door, address);
    end if;
  end if;

  bytes := supaqueue_internal.oversize(wanted.payload, door.max_bytes);
  if bytes is not null and supaqueue_internal.json_fault(wanted.payload) is null then
    raise exception using
      errcode = 'SQ413',
      message = format('the payload has %s bytes, and at most %s are taken here', bytes, door.max_bytes),
      hint = 'Nothing was changed. Put what is large into Storage, and where it is into the payload.';
  end if;
  perform supaqueue_internal.assert_payload(supaqueue_internal.find_queue(door.queue::text), wanted.payload);

  fault := case
    when wanted.run_at > now() + door.max_delay then format('run_at is at most %s from now', door.max_delay)
    when octet_length(enqueue_at_door.dedupe_key) > 500 then 'a dedupe_key has at most 500 bytes'
    when enqueue_at_door.dedupe_key is not null and self.user_id is null then 'a dedupe_key is for users who have signed in'
    when door.schema is not null then supaqueue_internal.payload_fault(door.schema, wanted.payload)
  end;
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = fault,
      hint = 'Nothing was changed. Whoever owns the queue says what it takes.';
  end if;

  if enqueue_at_door.dedupe_key is not null then
    -- keep_keys lets nobody write it but for the owner of the job.
    wanted.dedupe_key := concat('supaqueue-user:', self.user_id, ':', enqueue_at_door.dedupe_key);
  end if;
  made := (supaqueue_internal.insert_job(wanted, 'skip')).id;
  return case when self.user_id is not null then made end;
end;
$$;

comment on function supaqueue_internal.enqueue_at_door(text, jsonb, text, timestamptz) is 'Puts a job of an end user into a queue that is open to them.';
revoke execute on function supaqueue_internal.enqueue_at_door(text, jsonb, text, timestamptz) from public, anon, authenticated;
grant execute on function supaqueue_internal.enqueue_at_door(text, jsonb, text, timestamptz) to service_role;
