-- on_job_keyed: a job got another key, or another queue, after it was inserted: its keys
-- fit into their indexes, and its dedupe_key stays taken for as long as its queue says.
--
-- Security definer: whoever may write jobs may not read the queue.

create or replace function supaqueue.on_job_keyed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform supaqueue.assert_keys(new);
  if new.dedupe_key is not null then
    new.dedupe_pruned := supaqueue.keeps_keys(new.queue);
  end if;
  return new;
end;
$$;

comment on function supaqueue.on_job_keyed() is 'The keys of a job fit into their indexes; its dedupe_key stays taken for as long as its queue says.';
revoke execute on function supaqueue.on_job_keyed() from public, anon, authenticated;

drop trigger if exists on_job_keyed on supaqueue.job;
create trigger on_job_keyed
  before update of dedupe_key, concurrency_key, queue on supaqueue.job
  for each row
  when (new.dedupe_key is not null or new.concurrency_key is not null)
  execute function supaqueue.on_job_keyed();
