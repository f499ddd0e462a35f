-- assert_lease: only whoever still has the job may go on.
--
-- called by  users' own SQL functions, by the token their function was called with
-- locks      the job, until the end of the transaction
--
-- Called in the transaction of an effect, it makes that effect happen once: an
-- attempt whose lease has run out gets SQ404 and cannot commit, and while the
-- transaction lasts nobody takes the job back: whoever would locks the job first.

create or replace function supaqueue.assert_lease(token uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from supaqueue.job
  where job.id = (select current_job.job from supaqueue.current_job where current_job.id = assert_lease.token)
  for no key update;

  -- Looked at once the job is locked: it may have been waited for.
  perform from supaqueue.current_job
  where current_job.id = assert_lease.token
    and current_job.lease_until > clock_timestamp();

  if not found then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no valid lease %s', coalesce(assert_lease.token::text, 'null')),
      hint = 'The job has ended or was taken back: another attempt does its work. Nothing of this transaction is kept.';
  end if;
end;
$$;

comment on function supaqueue.assert_lease(uuid) is 'Raises unless the lease of a current job is valid, and keeps it so until the end of the transaction.';
