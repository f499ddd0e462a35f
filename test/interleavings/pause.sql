-- Where the functions under exploration stop until the conductor lets them go on.

create schema interleaving;
grant usage on schema interleaving to public;

-- Each session under exploration counts its pauses here; a sequence, because a rollback must not turn it back.
create sequence interleaving.pause_0;
create sequence interleaving.pause_1;
create sequence interleaving.pause_2;
create sequence interleaving.pause_3;
grant usage on all sequences in schema interleaving to public;

-- Called before every statement. Sessions that only prepare or check do not stop, and pay for this one look: settings, which cost
-- more, belong to the function that stops.
create function interleaving.pause(label text) returns void language plpgsql as $$
begin
  if pg_catalog.current_setting('interleaving.actor', true) <> '' then
    perform interleaving.stop(pause.label);
  end if;
end;
$$;

-- Says where it is, then waits for a lock that the conductor holds. The space of
-- these locks begins with 'PAUS'; the key is the number of the pause. As long as it takes, whatever the function that
-- pauses allows for a lock: a machine that stands still would let the session go on by itself.
create function interleaving.stop(label text) returns void language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = 0 as $$
declare
  actor constant text := current_setting('interleaving.actor');
  space constant integer := 1346458963 + actor::integer;
  number constant integer := nextval('interleaving.pause_' || actor);
begin
  raise notice using message = 'paused', detail = stop.label;
  perform pg_advisory_lock_shared(space, number);
  perform pg_advisory_unlock_shared(space, number);
end;
$$;

-- Which of the given sessions wait for another of them.
create function interleaving.waiting(sessions integer[]) returns integer[] language sql as $$
  select coalesce(array_agg(session), '{}')
  from unnest(sessions) as session
  where pg_blocking_pids(session) && sessions
$$;
