-- check_queue_order: what goes with the order of a queue, and what does not.
--
-- An ordered queue runs one of a key at once, which per_key says; nobody need say it besides. Errors: SQ422.

create or replace function supaqueue_internal.check_queue_order()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.per_key > 1 then
    raise exception using
      errcode = 'SQ422',
      message = format('an ordered queue runs one job of a key at once, and per_key is %s', new.per_key),
      hint = 'Nothing was changed. Set per_key to 1, or leave ordered null.';
  end if;
  new.per_key := 1;
  if new.batch_by is not null or new.ordered = 'queue' and new.batch_size > 1 then
    raise exception using
      errcode = 'SQ422',
      message = case
        when new.batch_by is not null then 'jobs of one key have an order here, and batch_by calls them together'
        else 'jobs of this queue have an order, and batch_size calls several together'
      end,
      hint = 'Nothing was changed. With ordered = ''key'', a batch may bring jobs of different keys: leave batch_by null. With ordered = ''queue'', batch_size is 1.';
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_queue_order() is 'Sets what goes with the order of a queue, and refuses what does not.';

drop trigger if exists on_queue_order_given on supaqueue.queue;
create trigger on_queue_order_given
  before insert or update on supaqueue.queue
  for each row
  when (new.ordered is not null)
  execute function supaqueue_internal.check_queue_order();
