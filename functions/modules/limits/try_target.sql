-- try_target: the target of a queue that was left alone, since it deferred calls, is called again at once.
--
-- called by  users, the console
-- writes     supaqueue.circuit, and what ensure_run and note_act write
--
-- One job is tried; when that call gets through, all workers go on. Returns whether it was left alone. Errors: SQ404.

create or replace function supaqueue.try_target(queue text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  home constant supaqueue.queue := supaqueue_internal.find_queue(try_target.queue);
begin
  update supaqueue.circuit
  set open_until = least(circuit.open_until, clock_timestamp()), tried_at = null
  where circuit.target = supaqueue_internal.target_of(home) and circuit.open_until is not null;
  if not found then
    return false;
  end if;
  perform supaqueue_internal.ensure_run(home.id, once => false);
  perform supaqueue_internal.note_act('try target', home.id);
  return true;
end;
$$;

comment on function supaqueue.try_target(text) is 'Closes the circuit of the target of a queue, so that it is called at once. Returns whether it was open.';
