-- allow: opens a queue to end users.
--
-- called by  users
-- writes     supaqueue.door; its trigger gives the role the right to run public.supaqueue_enqueue,
--            supaqueue_status, supaqueue_cancel and supaqueue_signal
--
-- `role` is authenticated, whoever is signed in, or anon, whoever has the publishable
-- key. What the others mean is said on the columns of supaqueue.door. Called again,
-- it says all of them anew. anon without a per_minute gets one of 60: there is nobody
-- whose each of them could be. Errors: SQ404, SQ422.

create or replace function supaqueue.allow(
  queue text,
  role text,
  max_bytes integer default 65536,
  schema jsonb default null,
  per_minute integer default null,
  max_delay interval default '30 days',
  show_result boolean default false,
  may_cancel boolean default false,
  live boolean default false,
  per_address integer default null,
  may_signal text[] default '{}'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(allow.queue);
begin
  if not coalesce(
    allow.role in ('anon', 'authenticated') and allow.max_bytes > 0 and coalesce(allow.per_minute, 1) between 1 and 60000
      and coalesce(allow.per_address, 1) between 1 and 60000
      and allow.max_delay between '0' and '1000 years',
    false
  ) then
    raise exception using
      errcode = 'SQ422',
      message = 'a queue is opened to anon or authenticated, with a max_bytes of 1 or more, a per_minute and a per_address of 1 to 60000 or null, and a max_delay of 0 to 1000 years',
      hint = 'Write it like this: select supaqueue.allow(''reports'', ''authenticated'', per_minute => 10). Nothing was changed.';
  end if;

  insert into supaqueue.door (queue, role, max_bytes, schema, per_minute, max_delay, show_result, may_cancel, live, per_address, may_signal)
  values (
    target.id, allow.role, allow.max_bytes, allow.schema, allow.per_minute, allow.max_delay,
    coalesce(allow.show_result, false), coalesce(allow.may_cancel, false), coalesce(allow.live, false),
    allow.per_address, coalesce(allow.may_signal, '{}')
  )
  on conflict on constraint door_pkey do update
  set
    max_bytes = excluded.max_bytes, schema = excluded.schema, per_minute = excluded.per_minute,
    max_delay = excluded.max_delay, show_result = excluded.show_result, may_cancel = excluded.may_cancel,
    live = excluded.live, per_address = excluded.per_address, may_signal = excluded.may_signal;
end;
$$;

comment on function supaqueue.allow(text, text, integer, jsonb, integer, interval, boolean, boolean, boolean, integer, text[]) is 'Opens a queue to anon or authenticated.';
