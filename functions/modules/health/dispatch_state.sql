-- dispatch_state: what became of the last wake-ups and runs, as of now.
--
-- reads      supaqueue.dispatch, and what wake_answers reads; locks nothing
--
-- The row of supaqueue.dispatch, with the answers in it that the sweep has not seen yet. A wake-up that came
-- twice (SQ409) is neither accepted nor refused. One that nobody answered in time was accepted when a run came all the same:
-- where functions start slowly, that takes longer than a wake-up waits for its answer.

create or replace function supaqueue_internal.dispatch_state()
returns supaqueue.dispatch
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  state supaqueue.dispatch;
  accepted timestamptz;
  refused record;
  last record;
begin
  select * into state from supaqueue.dispatch;
  state.refusals := coalesce(state.refusals, 0);

  select max(answer.at) filter (where answer.status between 200 and 299) into accepted
  from supaqueue_internal.wake_answers() as answer;
  if accepted > coalesce(state.accepted_at, '-infinity') then
    state.accepted_at := accepted;
    if accepted >= coalesce(state.refused_at, '-infinity') then
      state.refusals := 0;
      state.refused_since := null;
    end if;
  end if;

  select count(*) as times, min(answer.at) as first into refused
  from supaqueue_internal.wake_answers() as answer
  where answer.status between 200 and 299 is not true and answer.code <> 'SQ409'
    and answer.at > coalesce(state.accepted_at, '-infinity');
  if refused.times > 0 then
    select answer.* into last
    from supaqueue_internal.wake_answers() as answer
    where answer.status between 200 and 299 is not true and answer.code <> 'SQ409'
    order by answer.at desc, answer.request desc
    limit 1;
    state.refusals := least(state.refusals + refused.times, 1000000);
    state.refused_since := coalesce(state.refused_since, refused.first);
    state.refused_at := last.at;
    state.status := last.status;
    state.code := last.code;
    state.message := last.message;
    state.hint := last.hint;
  end if;

  if state.refusals > 0 and state.status is null and state.run_at > state.refused_at - interval '10 seconds' then
    state.accepted_at := greatest(state.accepted_at, state.run_at);
    state.refused_at := least(state.refused_at, state.run_at);
    state.refusals := 0;
    state.refused_since := null;
  end if;
  return state;
end;
$$;

comment on function supaqueue_internal.dispatch_state() is 'What became of the last wake-ups and runs, as of now.';
