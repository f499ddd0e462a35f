-- fix_lines: ordered queues have their triggers, jobs their places, and no place is left of a job that has ended.
--
-- reads      supaqueue.queue, supaqueue.job
-- writes     supaqueue.place_in_line, supaqueue.line_change, supaqueue.line_head
--
-- What a restore left out, triggers that were switched off, a job that came while its queue was just being ordered. Goes through
-- places and jobs a few thousand at a time, and begins anew at the end. Where no queue is ordered, it takes the triggers
-- away. A page that cannot be written is halved with each sweep, until what stands in the way is set aside alone; then pages
-- grow again. Returns how many were fixed.
--
-- Security definer: triggers on supaqueue.job are its owner's.

create or replace function supaqueue_internal.fix_lines(most integer default 1000)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  mark jsonb;
  size integer;
  size_of_jobs integer;
  failed boolean := false;
  last jsonb;
  last_job bigint;
  home uuid;
  fixed integer := 0;
  more integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;
  if supaqueue_internal.keep_order() then
    for home in select queue.id from supaqueue.queue where queue.ordered is not null order by queue.id loop
      perform supaqueue_internal.form_lines(home);
      fixed := fixed + 1;
    end loop;
    return fixed;
  end if;
  if not exists (select from supaqueue.queue where queue.ordered is not null) then
    return 0;
  end if;

  select coalesce(chore.mark, '{}')::jsonb into mark from supaqueue.chore where chore.name = 'lines';
  size := least(coalesce((mark ->> 'size')::integer, fix_lines.most), fix_lines.most);
  size_of_jobs := greatest(size * 2 - 1, 1);

  -- Places, from one to the next: those of jobs that have ended, are gone or stand in another line go, and lines whose first job
  -- nobody has noted are looked at by the next claim.
  begin
    with page as (
      select place_in_line.queue, place_in_line.line, place_in_line.job
      from supaqueue.place_in_line
      where (place_in_line.queue, place_in_line.line, place_in_line.job) > (
        coalesce(mark ->> 'queue', '00000000-0000-0000-0000-000000000000')::uuid, coalesce(mark ->> 'line', ''),
        coalesce(mark ->> 'place', '0')::bigint
      )
      order by place_in_line.queue, place_in_line.line, place_in_line.job
      limit size
    ),
    seen as (
      select
        page.*, job.status, row_number() over (order by page.queue, page.line, page.job) as nth,
        queue.ordered is null or job.id is null
          or page.line <> supaqueue_internal.line_of(queue.ordered, job.concurrency_key, job.id)
          or job.queue <> page.queue
          or job.status in ('success', 'cancelled')
          or job.status = 'failed' and queue.after_failure = 'continue' as is_over
      from page
      left join supaqueue.queue on queue.id = page.queue
      left join supaqueue.job on job.id = page.job
    ),
    gone as (
      delete from supaqueue.place_in_line
      using seen
      where seen.is_over
        and place_in_line.queue = seen.queue and place_in_line.line = seen.line and place_in_line.job = seen.job
      returning place_in_line.queue, place_in_line.line
    ),
    noted as (
      insert into supaqueue.line_change (queue, line, moves_on)
      select distinct gone.queue, gone.line, true from gone join supaqueue.queue on queue.id = gone.queue
      union
      select distinct seen.queue, seen.line, false
      from seen
      where not seen.is_over
        and not exists (select from supaqueue.line_head where line_head.queue = seen.queue and line_head.line = seen.line)
        and not exists (
          select from supaqueue.place_in_line as earlier
          where earlier.queue = seen.queue and earlier.line = seen.line and earlier.job < seen.job
        )
        and seen.status = 'pending'
      returning line_change.moves_on
    )
    select
      (select count(*) from gone),
      (select jsonb_build_object('queue', seen.queue, 'line', seen.line, 'place', seen.job) from seen where seen.nth = size)
    into more, last;
    fixed := fixed + more;
    perform supaqueue_internal.fire_deferred('supaqueue.place_in_line');
  exception when query_canceled or assert_failure or others then
    failed := true;
    last := mark - 'job' - 'size';
    if size <= 1 then
      select jsonb_build_object('queue', next.queue, 'line', next.line, 'place', next.job) into last
      from supaqueue.place_in_line as next
      where (next.queue, next.line, next.job) > (
        coalesce(mark ->> 'queue', '00000000-0000-0000-0000-000000000000')::uuid, coalesce(mark ->> 'line', ''),
        coalesce(mark ->> 'place', '0')::bigint
      )
      order by next.queue, next.line, next.job
      limit 1;
      perform supaqueue_internal.put_aside('lines', coalesce(last, '{}') ->> 'place', sqlstate, sqlerrm, queue => (last ->> 'queue')::uuid);
    end if;
  end;

  -- Jobs by their ids: those that have not ended and have no place get theirs.
  begin
    with page as (
      select job.id, job.queue, job.status, job.concurrency_key
      from supaqueue.job
      where job.id > coalesce(mark ->> 'job', '0')::bigint
      order by job.id
      limit size_of_jobs
    ),
    placed as (
      insert into supaqueue.place_in_line (queue, line, job)
      select page.queue, supaqueue_internal.line_of(queue.ordered, page.concurrency_key, page.id), page.id
      from page
      join supaqueue.queue on queue.id = page.queue
      where queue.ordered is not null and page.status in ('held', 'pending', 'in_progress')
        -- Somebody who changes it just now writes its place as well.
        and page.id = any (array(
          select job.id from supaqueue.job where job.id in (select page.id from page) and job.status in ('held', 'pending', 'in_progress')
          for no key update skip locked
        ))
      on conflict do nothing
      returning place_in_line.queue, place_in_line.line
    ),
    noted as (
      insert into supaqueue.line_change (queue, line, moves_on)
      select distinct placed.queue, placed.line, true from placed
    )
    select
      (select count(*) from placed),
      (select page.id from page order by page.id offset size_of_jobs - 1 limit 1)
    into more, last_job;
    fixed := fixed + more;
    perform supaqueue_internal.fire_deferred('supaqueue.place_in_line');
  exception when query_canceled or assert_failure or others then
    failed := true;
    last_job := (mark ->> 'job')::bigint;
    if size <= 1 then
      last_job := (select min(job.id) from supaqueue.job where job.id > coalesce(last_job, 0));
      perform supaqueue_internal.put_aside('lines', last_job::text, sqlstate, sqlerrm, job => last_job);
    end if;
  end;

  last := coalesce(last, '{}') || jsonb_strip_nulls(jsonb_build_object(
    'job', last_job,
    'size', case when failed then greatest(size / 2, 1) when size * 2 < fix_lines.most then size * 2 end
  ));
  update supaqueue.chore set mark = last::text where chore.name = 'lines' and chore.mark is distinct from last::text;
  return fixed;
end;
$$;

comment on function supaqueue_internal.fix_lines(integer) is 'Gives jobs of ordered queues their places, and takes those away that are left over. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('lines', 35, 'fix_lines')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
