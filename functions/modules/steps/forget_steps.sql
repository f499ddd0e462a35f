-- forget_steps: steps of a job are no longer remembered: its function runs them again.
--
-- called by  users
-- writes     supaqueue.step
--
-- Those from the first of the name `from_step` on, or that name alone (`later` false), or all.
-- For a job that was parked since its code had changed, then released; or one that is put back
-- and is to begin from the start. Returns how many. Errors: SQ404, SQ409 for a job in progress.

create or replace function supaqueue.forget_steps(job bigint, from_step text default null, later boolean default true)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.job := supaqueue_internal.find_job(forget_steps.job);
  first_place integer;
  forgotten integer;
begin
  if target.status = 'in_progress' then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is in progress', target.id),
      hint = 'Nothing was changed. Hold or cancel it first, or wait until it waits: its function knows its steps already.';
  end if;
  if forget_steps.from_step is not null then
    select min(step.place) into first_place from supaqueue.step
    where step.job = target.id and step.name = forget_steps.from_step;
    if first_place is null then
      raise exception using
        errcode = 'SQ404',
        message = format('job %s has no step %s', target.id, quote_literal(forget_steps.from_step)),
        hint = 'Nothing was changed. Those it has: select name, status from supaqueue.step where job = ' || target.id || ' order by place.';
    end if;
  end if;

  delete from supaqueue.step
  where step.job = target.id
    and case
      when first_place is null then true
      when forget_steps.later then step.place >= first_place
      else step.name = forget_steps.from_step
    end;
  get diagnostics forgotten = row_count;
  return forgotten;
end;
$$;

comment on function supaqueue.forget_steps(bigint, text, boolean) is 'Forgets steps of a job, so that they run again. Returns how many.';
