-- on_queue_created: a queue gets its pulse, asleep.
--
-- Security definer: whoever may create a queue may not write the pulse.

create or replace function supaqueue.on_queue_created()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into supaqueue.pulse (queue) values (new.id);
  return null;
end;
$$;

comment on function supaqueue.on_queue_created() is 'A queue gets its pulse.';
revoke execute on function supaqueue.on_queue_created() from public, anon, authenticated;

drop trigger if exists on_queue_created on supaqueue.queue;
create trigger on_queue_created
  after insert on supaqueue.queue
  for each row
  execute function supaqueue.on_queue_created();
