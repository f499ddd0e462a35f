-- hook_stamp: SQL that says what the jobs of one statement have in common.
--
-- The same as hook_origin says, which is asked only where somebody says who writes: to call a function that has a search
-- path of its own costs a write more than what it would say.

create or replace function supaqueue_internal.hook_stamp()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select $sql$
  if current_setting('request.jwt.claims', true) <> '' or current_setting('supaqueue.cause', true) <> ''
    or current_setting('request.headers', true) like '%supaqueue-current-job%'
  then
    origin := supaqueue_internal.hook_origin(target.name, format('%I.%I', shown_schema, shown_table));
  else
    origin := jsonb_build_object(
      'hook', target.name,
      'hook-table', format('%I.%I', shown_schema, shown_table),
      'hook-transaction', pg_current_xact_id()::text,
      'hook-at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'hook-role', coalesce(nullif(current_setting('role'), 'none'), session_user)
    );
  end if;
$sql$
$$;

comment on function supaqueue_internal.hook_stamp() is 'SQL that says what the jobs of one statement have in common.';
