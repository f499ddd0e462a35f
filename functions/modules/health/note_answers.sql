-- note_answers: what the dispatcher answered to wake-ups is written down, before pg_net forgets it.
--
-- writes     supaqueue.dispatch, supaqueue.wake_up, and what note_act writes
--
-- Returns how many answers there were. Notes, too, when the secret in Vault has become another: nobody can put a trigger on Vault.
-- Writes nothing when nothing happened.

create or replace function supaqueue_internal.note_answers(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known supaqueue.dispatch;
  state supaqueue.dispatch;
  answered bigint[];
  secret constant text := supaqueue_internal.secret_fingerprint();
begin
  if not exists (select from supaqueue.dispatch) then
    insert into supaqueue.dispatch default values on conflict do nothing;
  end if;
  -- Two sweeps at once: the one that comes second has nothing to note.
  select * into known from supaqueue.dispatch for no key update skip locked;
  if not found then
    return 0;
  end if;

  answered := array(select answer.request from supaqueue_internal.wake_answers() as answer);
  state := supaqueue_internal.dispatch_state();
  if secret is distinct from known.vault_seen then
    if known.vault_seen is not null and secret is not null then
      perform supaqueue_internal.note_act(
        'change secret', before => jsonb_build_object('fingerprint', known.vault_seen), after => jsonb_build_object('fingerprint', secret)
      );
    end if;
    state.vault_seen := secret;
    state.vault_seen_at := clock_timestamp();
  end if;
  if state is distinct from known then
    update supaqueue.dispatch
    set
      accepted_at = state.accepted_at, refused_at = state.refused_at, refused_since = state.refused_since,
      refusals = state.refusals, status = state.status, code = state.code, message = state.message, hint = state.hint,
      vault_seen = state.vault_seen, vault_seen_at = state.vault_seen_at
    where dispatch.only_one;
  end if;

  perform supaqueue_internal.forget_rows('supaqueue.wake_up', array(
    select held.ctid from supaqueue.wake_up as held
    where held.request = any (answered)
    for update skip locked
  ));
  return cardinality(answered);
end;
$$;

comment on function supaqueue_internal.note_answers(integer) is 'Writes down what the dispatcher answered to wake-ups. Returns how many answers there were.';

insert into supaqueue.chore (name, place, routine) values ('answers', 50, 'note_answers')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
