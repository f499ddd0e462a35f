-- on_job_deduped: the dedupe_key of a job stays taken for as long as its queue says.
--
-- Security definer: whoever may enqueue may not read the queue.

create or replace function supaqueue.on_job_deduped()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if octet_length(new.dedupe_key) > 1000 then
    raise exception using
      errcode = 'SQ422',
      message = format('a dedupe_key has at most 1000 bytes, not %s', octet_length(new.dedupe_key)),
      hint = 'Take a hash of it: encode(sha256(convert_to(key, ''utf8'')), ''hex''). Nothing was changed.';
  end if;
  new.dedupe_pruned := exists (
    select from supaqueue.queue where queue.id = new.queue and queue.dedupe_until = 'pruned'
  );
  return new;
end;
$$;

comment on function supaqueue.on_job_deduped() is 'The dedupe_key of a job stays taken for as long as its queue says.';
revoke execute on function supaqueue.on_job_deduped() from public, anon, authenticated;

drop trigger if exists on_job_deduped on supaqueue.job;
create trigger on_job_deduped
  before insert or update of dedupe_key, queue on supaqueue.job
  for each row
  when (new.dedupe_key is not null)
  execute function supaqueue.on_job_deduped();
