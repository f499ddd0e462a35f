-- prune_api_answers: answers that the HTTP API kept for a day go.
--
-- writes     supaqueue.api_answer, and what forget_rows writes
--
-- At most `most`, oldest first, by index; without waiting for anybody. Returns how many.

create or replace function supaqueue_internal.prune_api_answers(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept constant tid[] := supaqueue_internal.kept_rows('supaqueue.api_answer');
begin
  return supaqueue_internal.forget_rows('supaqueue.api_answer', array(
    select aged.ctid
    from supaqueue.api_answer as aged
    where aged.created_at < clock_timestamp() - interval '24 hours'
      and aged.ctid <> all (kept)
    order by aged.created_at
    limit prune_api_answers.most
    for update skip locked
  ));
end;
$$;

comment on function supaqueue_internal.prune_api_answers(integer) is 'Deletes answers that the HTTP API kept for a day. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('api_answers', 130, 'prune_api_answers')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
