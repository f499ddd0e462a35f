-- on_queue_ordered: a queue is ordered from now on, or otherwise, or no longer, or is gone.
--
-- Its lines are formed anew, of all jobs that have not ended: what that costs grows with them. A queue that says that
-- failed jobs are no longer to block lets those go that do.
-- Security definer: triggers on supaqueue.job are its owner's to make, and whoever writes queues may not write lines.

create or replace function supaqueue_internal.on_queue_ordered()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'DELETE' then
    delete from supaqueue.line_change where line_change.queue = old.id;
    delete from supaqueue.place_in_line where place_in_line.queue = old.id;
    return null;
  end if;

  if new.ordered is not null then
    perform supaqueue_internal.keep_order();
  end if;
  if tg_op = 'INSERT' then
    return null;
  end if;

  if new.ordered is distinct from old.ordered then
    perform supaqueue_internal.form_lines(new.id);
    if new.ordered is null then
      perform supaqueue_internal.ensure_run(new.id, once => false);
    end if;
  elsif new.after_failure = 'continue' then
    with gone as (
      delete from supaqueue.place_in_line
      using supaqueue.job
      where place_in_line.queue = new.id
        and job.queue = new.id
        and job.status = 'failed'
        and place_in_line.line = supaqueue_internal.line_of(new.ordered, job.concurrency_key, job.id)
        and place_in_line.job = job.id
      returning place_in_line.line
    )
    insert into supaqueue.line_change (queue, line, moves_on)
    select distinct new.id, gone.line, true from gone;
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.on_queue_ordered() is 'Forms the lines of a queue that is ordered from now on, or otherwise, or no longer.';

drop trigger if exists on_queue_ordered on supaqueue.queue;
create trigger on_queue_ordered
  after update of ordered, after_failure on supaqueue.queue
  for each row
  when (old.ordered is distinct from new.ordered or new.ordered is not null and old.after_failure <> new.after_failure)
  execute function supaqueue_internal.on_queue_ordered();

drop trigger if exists on_ordered_queue_created on supaqueue.queue;
create trigger on_ordered_queue_created
  after insert on supaqueue.queue
  for each row
  when (new.ordered is not null)
  execute function supaqueue_internal.on_queue_ordered();

drop trigger if exists on_ordered_queue_deleted on supaqueue.queue;
create trigger on_ordered_queue_deleted
  after delete on supaqueue.queue
  for each row
  when (old.ordered is not null)
  execute function supaqueue_internal.on_queue_ordered();
