-- hook_origin: what the jobs of one statement have in common, as headers say it.
--
-- called by  the functions of hooks
--
-- Who wrote: the user of the token, as auth.uid() gives it, and the role that acts. Claims that are
-- no JSON are somebody's own setting, and name nobody: no write fails for them.
-- Where a job's own function wrote: that job, how many there are in a row, and whether a job of this very hook did.

create or replace function supaqueue_internal.hook_origin(hook text, of_table text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  claims text := nullif(current_setting('request.jwt.claims', true), '');
  actor text;
  cause supaqueue.job;
begin
  -- Most writes are no job's, and to ask who wrote costs more than the rest.
  if current_setting('supaqueue.cause', true) <> '' or current_setting('request.headers', true) like '%supaqueue-current-job%' then
    cause := supaqueue_internal.hook_cause();
  end if;
  if claims is not null then
    begin
      actor := claims::jsonb ->> 'sub';
    exception when assert_failure or others then
      null;
    end;
  end if;
  return jsonb_strip_nulls(jsonb_build_object(
    'hook', hook_origin.hook,
    'hook-table', hook_origin.of_table,
    'hook-transaction', pg_current_xact_id()::text,
    'hook-at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'hook-actor', left(actor, 200),
    'hook-role', coalesce(nullif(current_setting('role'), 'none'), session_user),
    'hook-cause', cause.id::text,
    'hook-depth', case when cause.id is not null then
      (1 + case when cause.origin ->> 'hook-depth' ~ '^[0-9]{1,6}$' then (cause.origin ->> 'hook-depth')::integer else 0 end)::text
    end,
    'hook-own', case when cause.origin ->> 'hook' = hook_origin.hook then 'yes' end
  ));
end;
$$;

comment on function supaqueue_internal.hook_origin(text, text) is 'What the jobs that a hook makes of one statement have in common.';
