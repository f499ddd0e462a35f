-- assert_overrides: what a job has of its own, in place of its queue's, must be usable.
--
-- Refused is what says where a call goes and what it carries: in the core all jobs of a queue are called alike. Errors: SQ501.

create or replace function supaqueue_internal.assert_overrides(wanted supaqueue.job)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nonnulls(wanted.url, wanted.method, wanted.headers, wanted.query) > 0 then
    raise exception using
      errcode = 'SQ501',
      message = 'a job has no url, method, headers or query of its own here: they need a module that is not installed',
      hint = 'Nothing was changed. Leave them null, or install all of supaqueue.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_overrides(supaqueue.job) is 'Refuses what a job cannot have of its own.';
