-- on_lines_emptied: all jobs were truncated, and with them all places in line.
--
-- Waits for claims that settle lines just now, as truncate itself has waited for them.
-- Security definer: whoever may truncate jobs may not write these tables.

create or replace function supaqueue_internal.on_lines_emptied()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from supaqueue.place_in_line;
  delete from supaqueue.line_change;
  delete from supaqueue.line_head;
  return null;
end;
$$;

comment on function supaqueue_internal.on_lines_emptied() is 'With all jobs all places in line go.';
