-- hook_faults: what is wrong with hooks: changes of tables that do not become jobs as somebody told.
--
-- reads      supaqueue.hook, supaqueue.hook_fault, what hook_gaps reads; locks nothing
--
-- A list of findings, at most a hundred of each kind. A hook that somebody switched off is an info.

create or replace function supaqueue_internal.hook_faults()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  listed jsonb := '[]';
  entry record;
begin
  if not exists (select from supaqueue.hook) then
    return listed;
  end if;

  for entry in
    select
      hook.name, queue.name as queue, format('%I.%I', hook.schema_name, hook.table_name) as at_table, gap.state,
      min(gap.relation::regclass::text) as relation, string_agg(distinct gap.event, ', ' order by gap.event) as events
    from supaqueue_internal.hook_gaps() as gap
    join supaqueue.hook on hook.id = gap.hook
    join supaqueue.queue on queue.id = hook.queue
    where gap.state in ('table', 'foreign', 'missing', 'disabled')
    group by hook.id, queue.id, gap.state
    order by hook.name, gap.state
    limit 100
  loop
    listed := listed || case entry.state
      when 'table' then supaqueue_internal.finding(
        'hook_table_gone', 'warning', format('the hook %s has no table any more: %s is gone', entry.name, entry.at_table),
        format('select supaqueue.off_change(%L);', entry.name), null, entry.queue
      )
      when 'foreign' then supaqueue_internal.finding(
        'hook_trigger_missing', 'warning',
        format('the hook %s misses all changes of %s: %s, which is a part of it, is a foreign table, beside which no trigger can stand', entry.name, entry.at_table, entry.relation),
        format('drop foreign table %s;', entry.relation), null, entry.queue
      )
      when 'missing' then supaqueue_internal.finding(
        'hook_trigger_missing', 'warning',
        format('the hook %s misses changes of %s: its trigger for %s is not there', entry.name, entry.relation, entry.events),
        'select supaqueue_internal.keep_hooks();', null, entry.queue
      )
      else supaqueue_internal.finding(
        'hook_trigger_disabled', 'warning',
        format('the hook %s misses changes of %s: its trigger for %s is disabled', entry.name, entry.relation, entry.events),
        format('alter table %s enable trigger user;', entry.relation), null, entry.queue
      )
    end;
  end loop;

  for entry in
    select known.name, queue.name as queue, fault.code, fault.reason, fault.lost, fault.since, supaqueue_internal.hook_call(known) as made_by
    from (
      select noted.hook, noted.code, noted.reason, sum(noted.lost) as lost, min(noted.noted_at) as since
      from (select * from supaqueue.hook_fault order by hook_fault.id desc limit 10000) as noted
      group by noted.hook, noted.code, noted.reason
    ) as fault
    join supaqueue.hook as known on known.id = fault.hook
    join supaqueue.queue on queue.id = known.queue
    order by fault.lost desc, fault.since
    limit 100
  loop
    listed := listed || case when entry.lost > 0 then supaqueue_internal.finding(
      'hook_lost', 'warning',
      format('the hook %s, which is soft, lost %s: %s (%s)', entry.name, case entry.lost when 1 then 'a change' else entry.lost || ' changes' end, entry.reason, entry.code),
      format('delete from supaqueue.hook_fault where hook = (select id from supaqueue.hook where name = %L); -- once the reason is fixed', entry.name),
      entry.since, entry.queue
    ) else supaqueue_internal.finding(
      'hook_faulty', 'warning',
      -- Ours say it all; others are what a filter raised.
      format(
        case when starts_with(lower(entry.code), 'sq') then 'the hook %s: %s (%s)' else 'the hook %s cannot filter as it was told, so every change counts: %s (%s)' end,
        entry.name, entry.reason, entry.code
      ),
      concat(entry.made_by, ' -- with what is there now'), entry.since, entry.queue
    ) end;
  end loop;

  for entry in
    select backfill.id, hook.name, queue.name as queue, backfill.looked_at, backfill.code, backfill.reason, coalesce(backfill.last_at, backfill.created_at) as since
    from supaqueue.backfill
    join supaqueue.hook on hook.id = backfill.hook
    join supaqueue.queue on queue.id = hook.queue
    where backfill.status = 'running' and backfill.failures >= 3
    order by backfill.id
    limit 100
  loop
    listed := listed || supaqueue_internal.finding(
      'backfill_stuck', 'warning',
      format('backfill %s of the hook %s does not go on after %s rows: %s (%s)', entry.id, entry.name, entry.looked_at, entry.reason, entry.code),
      format('select supaqueue.cancel_backfill(%s);', entry.id), entry.since, entry.queue
    );
  end loop;

  for entry in
    select hook.name, queue.name as queue, hook.off_since, hook.off_reason, format('%I.%I', hook.schema_name, hook.table_name) as at_table
    from supaqueue.hook
    join supaqueue.queue on queue.id = hook.queue
    where not hook.enabled
    order by hook.off_since
    limit 100
  loop
    listed := listed || supaqueue_internal.finding(
      'hook_off', 'info',
      concat(format(
        'the hook %s has captured no change of %s for %s', entry.name, entry.at_table, supaqueue_internal.say_interval(at - entry.off_since)
      ), ': ' || entry.off_reason),
      format('select supaqueue.resume_hook(%L);', entry.name), entry.off_since, entry.queue
    );
  end loop;
  return listed;
end;
$$;

comment on function supaqueue_internal.hook_faults() is 'What is wrong with hooks.';
