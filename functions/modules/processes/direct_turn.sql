-- direct_turn: the turn, for who has a connection of its own.
--
-- called by  the dispatcher, over a connection, and by processes that stay
-- writes     what supaqueue_turn and serve_process write
--
-- A request of a run is a turn; one that names a process is that of the process about itself.
--
-- Security definer: a role that may call this, and nothing else, is enough for a dispatcher. It lies where the Data API
-- never comes.

create or replace function supaqueue_internal.direct_turn(request jsonb)
returns json
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if direct_turn.request ->> 'process' is not null then
    return supaqueue_internal.serve_process(direct_turn.request);
  end if;
  return public.supaqueue_turn(direct_turn.request);
end;
$$;

comment on function supaqueue_internal.direct_turn(jsonb) is 'One round trip of a dispatcher of supaqueue that has a connection of its own.';
