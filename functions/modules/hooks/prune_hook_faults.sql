-- prune_hook_faults: what hooks could not do is remembered for as long as failed jobs of their queue are.
--
-- writes     supaqueue.hook_fault, and what forget_rows writes
--
-- Rows of the same fault that are older than an hour become one, the last of their day, which has the sum of what was lost.
-- `most` rows at once. Returns how many are gone. Security definer: whoever may sweep cannot say what was lost.

create or replace function supaqueue_internal.prune_hook_faults(most integer default 1000)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.hook_fault');
  pruned integer;
  alike record;
begin
  pruned := supaqueue_internal.forget_rows('supaqueue.hook_fault', array(
    select old.ctid
    from supaqueue.hook_fault as old
    join supaqueue.hook on hook.id = old.hook
    join supaqueue.queue on queue.id = hook.queue
    where old.noted_at < clock_timestamp() - queue.keep_failed
      and old.ctid <> all (kept)
    order by old.id
    limit prune_hook_faults.most
    for update of old skip locked
  ));

  for alike in
    with held as (
      select hook_fault.*, hook_fault.ctid as place
      from supaqueue.hook_fault
      where hook_fault.noted_at < clock_timestamp() - interval '1 hour'
      order by hook_fault.id
      limit prune_hook_faults.most
      for update skip locked
    )
    select
      max(held.id) as last, array_agg(held.place order by held.id desc) as places, least(sum(held.lost), 9007199254740991) as lost
    from held
    group by held.hook, held.code, held.reason, date_trunc('day', held.noted_at, 'UTC')
    having count(*) > 1
  loop
    begin
      -- Before the sum is written, which moves the row: what stays must not be counted twice.
      delete from supaqueue.hook_fault where hook_fault.ctid = any (alike.places[2:]);
      update supaqueue.hook_fault set lost = alike.lost where hook_fault.id = alike.last;
      if not found or exists (select from supaqueue.hook_fault where hook_fault.ctid = any (alike.places[2:])) then
        perform supaqueue_internal.refuse_unwritten('supaqueue.hook_fault');
      end if;
      perform supaqueue_internal.fire_deferred('supaqueue.hook_fault');
      pruned := pruned + cardinality(alike.places) - 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('hook_faults', alike.last::text, sqlstate, sqlerrm);
      exit when sqlstate = '57014';
    end;
  end loop;
  return pruned;
end;
$$;

comment on function supaqueue_internal.prune_hook_faults(integer) is 'Forgets what hooks could not do, once failed jobs of their queue would be forgotten, too.';

insert into supaqueue.chore (name, place, routine) values ('hook_faults', 175, 'prune_hook_faults')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
