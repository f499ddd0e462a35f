-- finding: one thing that somebody should know, in the form that health() lists.
--
-- called by  the functions of this module whose names end with _faults
--
-- `severity` is error: jobs do not move, or will not. warning: some do not, or late. info: as somebody wants it.
-- `remedy` is the one statement or command that fixes it; of what is meant so, it undoes it.

create or replace function supaqueue_internal.finding(
  code text, severity text, text text, remedy text default null, since timestamptz default null, queue text default null
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', finding.code, 'severity', finding.severity, 'text', finding.text, 'remedy', finding.remedy,
    'since', finding.since, 'queue', finding.queue
  )
$$;

comment on function supaqueue_internal.finding(text, text, text, text, timestamptz, text) is 'One thing that somebody should know, in the form that health() lists.';
