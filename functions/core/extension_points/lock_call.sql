-- lock_call: one after another, whoever ends a job of a batch by its token.
--
-- expects    that its caller has locked nothing yet
--
-- Nothing: in the core no two jobs share a worker.

create or replace function supaqueue_internal.lock_call(token uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.lock_call(uuid) is 'Has whoever ends jobs of one batch by their tokens do so one after another.';
