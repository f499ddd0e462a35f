-- prune_api_answers: answers that the HTTP API kept for a day go.
--
-- called by  sweep
-- writes     supaqueue.api_answer
--
-- At most `most`, oldest first, by index; without waiting for anybody. Returns how many.

create or replace function supaqueue_internal.prune_api_answers(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  pruned integer;
begin
  with aged as (
    select api_answer.caller, api_answer.key
    from supaqueue.api_answer
    where api_answer.created_at < clock_timestamp() - interval '24 hours'
    order by api_answer.created_at
    limit prune_api_answers.most
    for update skip locked
  )
  delete from supaqueue.api_answer using aged
  where api_answer.caller = aged.caller and api_answer.key = aged.key;
  get diagnostics pruned = row_count;
  return pruned;
end;
$$;

comment on function supaqueue_internal.prune_api_answers(integer) is 'Deletes answers that the HTTP API kept for a day. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('api_answers', 130, 'prune_api_answers')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
