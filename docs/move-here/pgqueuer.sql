-- Moves the waiting jobs of PGQueuer to supaqueue, in one transaction: a job is here or there, never both. One that a worker has
-- picked stays, and so does the log. It may run while workers do, and again: it moves what has come since.
--
-- Run it as the owner of both, after supaqueue was installed: psql -f pgqueuer.sql. With a prefix or a schema of your own, write the
-- table's name in place of public.pgqueuer.
begin;

-- Each entrypoint becomes a queue, which calls the edge function of the same name. Change the function, and how many calls run at
-- once, by create_queue afterwards. A queue that is here already is left as it is.
select supaqueue.create_queue(theirs.entrypoint, regexp_replace(theirs.entrypoint, '[^A-Za-z0-9_-]', '-', 'g'), workers => 1)
from (select distinct entrypoint from public.pgqueuer) as theirs
where not exists (select from supaqueue.queue where queue.name = theirs.entrypoint);

-- What stands for JSON is stored as it is, other bytes as {"$base64": "..."}, which reach the function as those bytes.
create or replace function pg_temp.payload_of(bytes bytea) returns jsonb language plpgsql as $$
begin
  return case when bytes is null then '{}' else convert_from(bytes, 'UTF8')::jsonb end;
exception when invalid_text_representation or character_not_in_repertoire or untranslatable_character then
  return jsonb_build_object('$base64', translate(encode(bytes, 'base64'), e'\n', ''));
end
$$;

with waiting as (
  select theirs.id
  from public.pgqueuer as theirs
  where theirs.status = 'queued'
  for update skip locked
),
taken as (
  delete from public.pgqueuer as theirs
  using waiting
  where theirs.id = waiting.id
  returning theirs.*
)
insert into supaqueue.job (queue, payload, priority, run_at, dedupe_key, created_at)
select queue.id, pg_temp.payload_of(taken.payload), taken.priority, taken.execute_after, taken.dedupe_key, taken.created
from taken
join supaqueue.queue on queue.name = taken.entrypoint
order by taken.id;

commit;
