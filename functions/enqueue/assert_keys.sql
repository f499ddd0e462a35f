-- assert_keys: the keys of a job must fit into their indexes.
--
-- called by  on_job_inserted, on_job_keyed
--
-- Errors: SQ422 says which is too long.

create or replace function supaqueue.assert_keys(wanted supaqueue.job)
returns void
language plpgsql
set search_path = ''
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
end;
$$;

comment on function supaqueue.assert_keys(supaqueue.job) is 'Refuses keys that do not fit into their indexes.';
revoke execute on function supaqueue.assert_keys(supaqueue.job) from public, anon, authenticated;
grant execute on function supaqueue.assert_keys(supaqueue.job) to service_role;
