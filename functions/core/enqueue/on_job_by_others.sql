-- on_job_by_others: a role that row level security binds writes a job, and sets of it what
-- such a role may.
--
-- Theirs is what is to be called, when and how: the columns that are copied below, with the
-- status held or pending, or any for a job that is there already. All else stays as it
-- was, or begins as it does for everybody, whatever they wrote: id, owner, attempts, result,
-- state, batch and whatever columns come later. The owner of the table, service_role and
-- superusers are bound by no row level security, and write what they like.
--
-- Its name comes before those of the other triggers, and so does the trigger: they see what
-- is left. Security definer: whoever may insert jobs may not use their sequence.

create or replace function supaqueue_internal.on_job_by_others()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kept supaqueue.job := old;
begin
  if tg_op = 'INSERT' then
    kept := supaqueue_internal.with_defaults(kept);
    kept.id := nextval('supaqueue.job_id_seq');
    kept.status := case when new.status in ('in_progress', 'success', 'failed', 'cancelled') then 'pending' else new.status end;
  else
    -- Who was given the right to write it ends jobs by it; check_job_status keeps in_progress ours.
    kept.status := new.status;
  end if;

  kept.queue := new.queue;
  kept.payload := new.payload;
  kept.priority := new.priority;
  kept.run_at := new.run_at;
  kept.dedupe_key := new.dedupe_key;
  kept.concurrency_key := new.concurrency_key;
  kept.version := new.version;
  kept.url := new.url;
  kept.method := new.method;
  kept.headers := new.headers;
  kept.query := new.query;
  kept.timeout_ms := new.timeout_ms;
  kept.max_attempts := new.max_attempts;
  kept.retry_base_ms := new.retry_base_ms;
  kept.retry_max_ms := new.retry_max_ms;
  return kept;
end;
$$;

comment on function supaqueue_internal.on_job_by_others() is 'Leaves a role that row level security binds the columns that are its to set.';

drop trigger if exists on_job_by_others on supaqueue.job;
create trigger on_job_by_others
  before insert or update on supaqueue.job
  for each row
  when (row_security_active('supaqueue.job'::regclass))
  execute function supaqueue_internal.on_job_by_others();
