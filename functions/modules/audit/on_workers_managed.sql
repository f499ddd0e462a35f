-- on_workers_managed: a queue got more workers, or fewer: who did it is written down, once per statement.
--
-- Of a queue that goes, or has just come with its first workers, its own row tells.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_workers_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
  there bigint;
begin
  for change in
    select touched.queue, count(*) as times from touched group by touched.queue
  loop
    continue when not exists (select from supaqueue.queue where queue.id = change.queue);
    select count(*) into there from supaqueue.worker where worker.queue = change.queue;
    perform supaqueue_internal.note_act(
      'set workers',
      change.queue,
      before => jsonb_build_object('workers', case tg_op when 'INSERT' then there - change.times else there + change.times end),
      after => jsonb_build_object('workers', there)
    );
  end loop;
  return null;
end;
$$;

comment on function supaqueue_internal.on_workers_managed() is 'A queue got more workers, or fewer: writes down who did it.';

drop trigger if exists on_workers_added on supaqueue.worker;
create trigger on_workers_added
  after insert on supaqueue.worker
  referencing new table as touched
  for each statement
  execute function supaqueue_internal.on_workers_managed();

drop trigger if exists on_workers_taken on supaqueue.worker;
create trigger on_workers_taken
  after delete on supaqueue.worker
  referencing old table as touched
  for each statement
  execute function supaqueue_internal.on_workers_managed();
