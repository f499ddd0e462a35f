-- on_job_keyed: the keys of a job fit into their indexes, and its dedupe_key stays
-- taken for as long as its queue says.
--
-- Security definer: whoever may enqueue may not read the queue.

create or replace function supaqueue.on_job_keyed()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  too_long constant text := case
    when octet_length(new.dedupe_key) > 1000 then 'dedupe_key'
    when octet_length(new.concurrency_key) > 1000 then 'concurrency_key'
  end;
begin
  if too_long is not null then
    raise exception using
      errcode = 'SQ422',
      message = format(
        'a %s has at most 1000 bytes, not %s', too_long,
        octet_length(case too_long when 'dedupe_key' then new.dedupe_key else new.concurrency_key end)
      ),
      hint = 'Take a hash of it: encode(sha256(convert_to(key, ''utf8'')), ''hex''). Nothing was changed.';
  end if;
  if new.dedupe_key is not null then
    new.dedupe_pruned := exists (
      select from supaqueue.queue where queue.id = new.queue and queue.dedupe_until = 'pruned'
    );
  end if;
  return new;
end;
$$;

comment on function supaqueue.on_job_keyed() is 'The keys of a job fit into their indexes; its dedupe_key stays taken for as long as its queue says.';
revoke execute on function supaqueue.on_job_keyed() from public, anon, authenticated;

drop trigger if exists on_job_keyed on supaqueue.job;
create trigger on_job_keyed
  before insert or update of dedupe_key, concurrency_key, queue on supaqueue.job
  for each row
  when (new.dedupe_key is not null or new.concurrency_key is not null)
  execute function supaqueue.on_job_keyed();
