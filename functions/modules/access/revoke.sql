-- revoke: closes a queue to end users.
--
-- called by  users
-- writes     supaqueue.door; with the last door of a role goes its right to run the
--            functions of the doors
--
-- `role` is anon or authenticated; left out, both. Jobs that were enqueued stay, and
-- run; their users do not see them any more. Returns whether it was open. Errors: SQ404.

create or replace function supaqueue.revoke(queue text, role text default null)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(revoke.queue);
begin
  delete from supaqueue.door
  where door.queue = target.id
    and (revoke.role is null or door.role = revoke.role);
  return found;
end;
$$;

comment on function supaqueue.revoke(text, text) is 'Closes a queue to anon, to authenticated, or to both. Returns whether it was open.';
