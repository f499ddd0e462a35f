-- secrets_of: the secrets that the calls of a queue need, by name.
--
-- Null, for none: in the core headers are sent as they stand.

create or replace function supaqueue_internal.secrets_of(queue supaqueue.queue)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return null;
end;
$$;

comment on function supaqueue_internal.secrets_of(supaqueue.queue) is 'The secrets that the calls of a queue need, by name.';
