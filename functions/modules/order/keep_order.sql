-- keep_order: jobs have their places in line as long as some queue is ordered.
--
-- called by  the last line of this file, too, after the functions of its triggers were made anew
-- reads      supaqueue.queue
-- locks      supaqueue.job, for the moment of making or dropping triggers
--
-- The triggers are there only when they are needed: they cost every statement on the table. Half a second is waited for
-- the table and no more, since everybody else waits behind. When they cannot be dropped just now they stay, and do
-- nothing. Returns whether they were made.
--
-- Errors: SQ423 they could not be made now.

create or replace function supaqueue_internal.keep_order()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set client_min_messages = warning
as $$
declare
  wanted constant boolean := exists (select from supaqueue.queue where queue.ordered is not null);
  made boolean := false;
begin
  if wanted <> (4 = (
    select count(*) from pg_trigger
    where pg_trigger.tgrelid = 'supaqueue.job'::regclass
      and pg_trigger.tgname in ('on_line_joined', 'on_line_moved', 'on_line_left', 'on_lines_emptied')
  )) then
    drop trigger if exists on_line_joined on supaqueue.job;
    drop trigger if exists on_line_moved on supaqueue.job;
    drop trigger if exists on_line_left on supaqueue.job;
    drop trigger if exists on_lines_emptied on supaqueue.job;
    if wanted then
      create trigger on_line_joined
        after insert on supaqueue.job
        referencing new table as added
        for each statement
        execute function supaqueue_internal.on_line_joined();
      create trigger on_line_moved
        after update on supaqueue.job
        referencing old table as overwritten new table as written
        for each statement
        execute function supaqueue_internal.on_line_moved();
      create trigger on_line_left
        after delete on supaqueue.job
        referencing old table as taken
        for each statement
        execute function supaqueue_internal.on_line_left();
      create trigger on_lines_emptied
        after truncate on supaqueue.job
        for each statement
        execute function supaqueue_internal.on_lines_emptied();
      made := true;
    end if;
  end if;
  return made;
exception when lock_not_available or object_in_use then
  if wanted then
    raise exception using
      errcode = 'SQ423',
      message = 'supaqueue.job is in use, and its jobs cannot be put in order now',
      hint = 'Nothing was changed. Try again in a while; select * from pg_stat_activity shows which transactions are long.';
  end if;
  return false;
end;
$$;

comment on function supaqueue_internal.keep_order() is 'Has jobs keep their places in line, if some queue is ordered. Returns whether that begins now.';

select supaqueue_internal.keep_order();
