-- note_act: somebody has done something to a queue, a job or the whole.
--
-- called by  the functions of control, and modules
--
-- Nothing: the core does not remember who did what. `act` is a verb such as 'cancel'; `jobs` is how many it was done to.

create or replace function supaqueue_internal.note_act(
  act text, queue uuid default null, job bigint default null, jobs bigint default null, before jsonb default null, after jsonb default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_act(text, uuid, bigint, bigint, jsonb, jsonb) is 'Notes who has done what.';
