-- discard_where: the failed jobs that a filter fits are not wanted any more, of a queue or of all.
--
-- called by  users
-- reads      what find_failed reads
-- writes     supaqueue.job, supaqueue.bulk_action, and what note_act writes
--
-- `filter` and `most` are as retry_where has them. The jobs become cancelled and keep their errors, so that they are no
-- failures any more, and are pruned as cancelled jobs are (keep_success). Returns what retry_where returns; with `dry_run` nothing
-- is changed. undo_bulk makes them failures again.
--
-- Errors: SQ404 no such queue, SQ422 a filter that cannot be read.

create or replace function supaqueue.discard_where(
  queue text default null, filter jsonb default '{}', most integer default null, dry_run boolean default false
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  meant constant record := supaqueue_internal.find_failed(discard_where.queue, discard_where.filter, discard_where.most);
  discarded bigint[] := '{}';
  made bigint;
begin
  if not discard_where.dry_run then
    discarded := array(
      select job.id
      from supaqueue.job
      where job.id = any (meant.jobs) and job.status = 'failed'
      order by job.id
      for no key update skip locked
    );
    update supaqueue.job set status = 'cancelled' where job.id = any (discarded);
    if cardinality(discarded) > 0 then
      insert into supaqueue.bulk_action (act, queue, filter, jobs)
      values ('discard', meant.home, discard_where.filter, discarded)
      returning bulk_action.id into made;
      perform supaqueue_internal.note_bulk('discard failed jobs', meant.home, cardinality(discarded), discard_where.filter);
    end if;
  end if;
  return jsonb_build_object(
    'action', made,
    'jobs', case when discard_where.dry_run then cardinality(meant.jobs) else cardinality(discarded) end,
    'fitting', cardinality(meant.jobs),
    'looked_at', meant.looked_at,
    'whole', meant.whole
  );
end;
$$;

comment on function supaqueue.discard_where(text, jsonb, integer, boolean) is 'Marks failed jobs that match a filter as cancelled. Returns how many, and an id to undo it.';
