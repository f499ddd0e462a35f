-- set_max_rps: how many jobs of one queue a second may be begun; null for as many as
-- its workers can.
--
-- called by  users
-- writes     supaqueue.queue, supaqueue.rate_limit
--
-- `queue` is a name or an id. The limit is one of the queue's own, under its id; for
-- one that several queues share: set_rate_limit. Errors: SQ404, SQ422.

create or replace function supaqueue.set_max_rps(queue text, max_rps double precision, burst integer default 1)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := (supaqueue_internal.find_queue(set_max_rps.queue)).id;
begin
  if set_max_rps.max_rps is null then
    update supaqueue.queue set rate_limit = null where queue.id = target and queue.rate_limit is not null;
    delete from supaqueue.rate_limit where rate_limit.name = target::text;
    return;
  end if;
  perform supaqueue.set_rate_limit(target::text, set_max_rps.max_rps, set_max_rps.burst);
  update supaqueue.queue set rate_limit = target::text
  where queue.id = target and queue.rate_limit is distinct from target::text;
end;
$$;

comment on function supaqueue.set_max_rps(text, double precision, integer) is 'Sets how many jobs of a queue may start per second.';
