-- check_keys: the keys of a job fit into their indexes, and its dedupe_key stays taken for
-- as long as its queue says.
--
-- reads      supaqueue.queue
--
-- A dedupe_key that begins with `supaqueue-user:` is an end user's, and stands only on a job
-- that this user owns: no other way to enqueue sets an owner. A key that is free once its job
-- begins is taken from it then (free_keys).
-- Returns the job with its dedupe_pruned. Errors: SQ422 says what is wrong with which key.

create or replace function supaqueue_internal.check_keys(wanted supaqueue.job)
returns supaqueue.job
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  too_long constant text := case
    when octet_length(wanted.dedupe_key) > 1000 then 'dedupe_key'
    when octet_length(wanted.concurrency_key) > 1000 then 'concurrency_key'
  end;
begin
  if too_long is not null then
    raise exception using
      errcode = 'SQ422',
      message = format(
        'a %s has at most 1000 bytes, not %s', too_long,
        octet_length(case too_long when 'dedupe_key' then wanted.dedupe_key else wanted.concurrency_key end)
      ),
      hint = 'Take a hash of it: encode(sha256(convert_to(key, ''utf8'')), ''hex''). Nothing was changed.';
  end if;

  if wanted.dedupe_key like 'supaqueue-user:%'
    and not coalesce(starts_with(wanted.dedupe_key, concat('supaqueue-user:', wanted.owner, ':')) and wanted.owner is not null, false)
  then
    raise exception using
      errcode = 'SQ422',
      message = 'a dedupe_key that begins with supaqueue-user: is that of an end user',
      hint = 'Begin yours with something else. Nothing was changed.';
  end if;

  wanted.dedupe_pruned := wanted.dedupe_key is not null and exists (
    select from supaqueue.queue where queue.id = wanted.queue and queue.dedupe_until = 'pruned'
  );
  return wanted;
end;
$$;

comment on function supaqueue_internal.check_keys(supaqueue.job) is 'Refuses keys that do not fit into their indexes, and notes how long the dedupe_key stays taken.';
