-- take_batch: jobs of the HTTP API are enqueued together, all or none.
--
-- writes     supaqueue.batch, supaqueue.job, by enqueue_many
--
-- `batch` has queue, label, on_conflict and jobs; a job has what enqueue_many takes, and
-- `delay_ms` in place of delay. `debounce_ms`, `max_wait_ms`, `throttle_ms` are for all. Returns {batch, jobs}, the jobs
-- as {id, enqueued} in the order in which they were given; `batch` is null when none of them was enqueued.
-- Errors: those of enqueue_many.

create or replace function supaqueue_internal.take_batch(batch jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  jobs constant jsonb := (
    select jsonb_agg(
      (entry.value - 'delay_ms') || case when entry.value ->> 'delay_ms' is null then '{}' else jsonb_build_object(
        'delay', supaqueue_internal.from_ms(entry.value ->> 'delay_ms')
      ) end
      order by entry.place
    )
    from jsonb_array_elements(take_batch.batch -> 'jobs') with ordinality as entry (value, place)
  );
  answer jsonb;
begin
  select jsonb_build_object(
    'batch', (array_agg(taken.batch) filter (where taken.batch is not null))[1],
    'jobs', jsonb_agg(jsonb_build_object('id', taken.id, 'enqueued', taken.enqueued) order by taken.place)
  )
  into answer
  from unnest(supaqueue.enqueue_many(
    take_batch.batch ->> 'queue', jobs, take_batch.batch ->> 'label',
    coalesce(take_batch.batch ->> 'on_conflict', 'error'),
    debounce => supaqueue_internal.from_ms(take_batch.batch ->> 'debounce_ms'),
    max_wait => supaqueue_internal.from_ms(take_batch.batch ->> 'max_wait_ms'),
    throttle => supaqueue_internal.from_ms(take_batch.batch ->> 'throttle_ms')
  )) with ordinality as taken (id, batch, enqueued, place);
  return answer;
end;
$$;

comment on function supaqueue_internal.take_batch(jsonb) is 'Enqueues jobs of the HTTP API as a batch. Returns its id and theirs.';
