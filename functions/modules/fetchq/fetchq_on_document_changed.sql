-- fetchq_on_document_changed: a document of a queue that notifies was added, or stands elsewhere.
--
-- The channel is fetchq__<queue>__<where it stands>: pnd, pln, act, cpl or kll; what it brings is the subject.

create or replace function supaqueue_internal.fetchq_on_document_changed()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place constant text := case
    when new.status = 'pending' and new.run_at > clock_timestamp() then 'pln'
    when new.status = 'pending' then 'pnd'
    when new.status = 'in_progress' then 'act'
    when new.status = 'success' then 'cpl'
    when new.status = 'failed' then 'kll'
  end;
begin
  if place is not null and (tg_op = 'INSERT' or new.status <> old.status) then
    perform pg_notify(format('fetchq__%s__%s', tg_argv[0], place), coalesce(new.dedupe_key, ''));
  end if;
  return null;
end;
$$;

comment on function supaqueue_internal.fetchq_on_document_changed() is 'Notifies of a document of supaqueue that stands elsewhere now.';
