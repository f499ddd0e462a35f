-- prune_hook_faults: what hooks could not do is remembered for as long as failed jobs of their queue are.
--
-- called by  sweep
-- writes     supaqueue.hook_fault
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
  pruned integer;
  folded integer;
begin
  with gone as (
    delete from supaqueue.hook_fault
    where hook_fault.id in (
      select old.id
      from supaqueue.hook_fault as old
      join supaqueue.hook on hook.id = old.hook
      join supaqueue.queue on queue.id = hook.queue
      where old.noted_at < clock_timestamp() - queue.keep_failed
      order by old.id
      limit prune_hook_faults.most
      for update of old skip locked
    )
    returning hook_fault.id
  )
  select count(*) into pruned from gone;

  with held as (
    select hook_fault.*
    from supaqueue.hook_fault
    where hook_fault.noted_at < clock_timestamp() - interval '1 hour'
    order by hook_fault.id
    limit prune_hook_faults.most
    for update skip locked
  ),
  alike as (
    select
      max(held.id) as kept, array_agg(held.id) as ids, least(sum(held.lost), 9007199254740991) as lost
    from held
    group by held.hook, held.code, held.reason, date_trunc('day', held.noted_at, 'UTC')
    having count(*) > 1
  ),
  summed as (
    update supaqueue.hook_fault set lost = alike.lost
    from alike where hook_fault.id = alike.kept
  ),
  gone as (
    delete from supaqueue.hook_fault using alike
    where hook_fault.id = any (alike.ids) and hook_fault.id <> alike.kept
    returning hook_fault.id
  )
  select count(*) into folded from gone;
  return pruned + folded;
end;
$$;

comment on function supaqueue_internal.prune_hook_faults(integer) is 'Forgets what hooks could not do, once failed jobs of their queue would be forgotten, too.';

insert into supaqueue.chore (name, place, routine) values ('hook_faults', 175, 'prune_hook_faults')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
