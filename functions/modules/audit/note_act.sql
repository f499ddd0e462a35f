-- note_act: somebody has done something to a queue, a job or the whole: written down, with who it was.
--
-- reads      supaqueue.queue; the settings role, request.jwt.claims, application_name, supaqueue.person
-- writes     supaqueue.audit
--
-- In place of the core's default. Never raises: what is done must not fail because it cannot be written down.
--
-- Security definer: whoever does something may not rewrite what was done.

create or replace function supaqueue_internal.note_act(
  act text, queue uuid default null, job bigint default null, jobs bigint default null, before jsonb default null, after jsonb default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb := supaqueue_internal.read_object(current_setting('request.jwt.claims', true));
  named constant text := coalesce(
    (select queue.name from supaqueue.queue where queue.id = note_act.queue), note_act.after ->> 'name', note_act.before ->> 'name'
  );
begin
  -- The test job of doctor: made and taken away by each look.
  if starts_with(named, 'supaqueue_round_trip_') then
    return;
  end if;
  insert into supaqueue.audit (act, queue, queue_name, job, jobs, role, subject, application, person, before, after)
  values (
    note_act.act,
    note_act.queue,
    named,
    note_act.job,
    note_act.jobs,
    -- Within a function that runs as its owner, current_user is the owner.
    coalesce(nullif(current_setting('role', true), 'none'), session_user),
    left(claims ->> 'sub', 200),
    left(nullif(current_setting('application_name', true), ''), 200),
    left(nullif(current_setting('supaqueue.person', true), ''), 200),
    note_act.before,
    note_act.after
  );
exception when query_canceled or assert_failure or others then
  raise warning using
    errcode = 'SQ503',
    message = format('what was done (%s) could not be written down: %s', note_act.act, sqlerrm),
    hint = 'It was done all the same. Is there a trigger of yours on supaqueue.audit?';
end;
$$;

comment on function supaqueue_internal.note_act(text, uuid, bigint, bigint, jsonb, jsonb) is 'Writes down who has done what.';
