-- create_queue: a queue with its workers, in one call; called again, what was said anew.
--
-- called by  users, in a migration or by hand; the client, the console and the program
-- writes     supaqueue.queue, supaqueue.worker; by set_max_rps supaqueue.rate_limit
--
-- Only `name` is needed. It calls the edge function `function`, which is of the queue's
-- name if nothing else is said, or a `url`. What is left null stays as it is, or is as the
-- table has it for a new queue; a queue without workers gets one. It belongs to the limits
-- because of max_rps; all the rest is of the core.
--
-- May be run again, and at once with another: then whoever comes later has the last word.
-- A rerun that says the same writes nothing. Returns the queue's id. Errors: SQ422, and
-- those of the tables.

create or replace function supaqueue.create_queue(
  name text,
  function text default null,
  workers integer default null,
  max_rps double precision default null,
  url text default null,
  max_attempts integer default null,
  timeout_ms integer default null,
  retry_base_ms integer default null,
  retry_max_ms integer default null,
  per_key integer default null,
  mode text default null,
  default_headers jsonb default null,
  batch_size integer default null,
  batch_wait_ms integer default null,
  ordered text default null,
  after_failure text default null,
  batch_by text default null,
  batch_counts text default null,
  dedupe_until text default null
)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  wanted supaqueue.queue;
  has_workers integer;
begin
  if coalesce(create_queue.name, '') = '' or num_nonnulls(create_queue.function, create_queue.url) = 2 then
    raise exception using
      errcode = 'SQ422',
      message = case when create_queue.url is null then 'a queue has a name' else 'a queue calls a function or a URL, not both' end,
      hint = 'Nothing was changed. For example: select supaqueue.create_queue(''emails'', ''send-email'', workers => 5).';
  end if;

  insert into supaqueue.queue (name, edge_function_name, url)
  values (
    create_queue.name,
    case when create_queue.url is null then coalesce(create_queue.function, create_queue.name) end,
    create_queue.url
  )
  on conflict on constraint queue_name_is_unique do nothing;
  select * into target from supaqueue.queue where queue.name = create_queue.name for no key update;

  wanted := target;
  wanted.edge_function_name := case
    when create_queue.url is null then coalesce(create_queue.function, target.edge_function_name)
  end;
  wanted.url := case when create_queue.function is null then coalesce(create_queue.url, target.url) end;
  wanted.max_attempts := coalesce(create_queue.max_attempts, target.max_attempts);
  wanted.timeout_ms := coalesce(create_queue.timeout_ms, target.timeout_ms);
  wanted.retry_base_ms := coalesce(create_queue.retry_base_ms, target.retry_base_ms);
  wanted.retry_max_ms := coalesce(create_queue.retry_max_ms, greatest(target.retry_max_ms, wanted.retry_base_ms));
  wanted.per_key := coalesce(create_queue.per_key, target.per_key);
  wanted.mode := coalesce(create_queue.mode, target.mode);
  wanted.default_headers := coalesce(create_queue.default_headers, target.default_headers);
  wanted.batch_size := coalesce(create_queue.batch_size, target.batch_size);
  wanted.batch_wait_ms := coalesce(create_queue.batch_wait_ms, target.batch_wait_ms);
  wanted.ordered := coalesce(create_queue.ordered, target.ordered);
  wanted.after_failure := coalesce(create_queue.after_failure, target.after_failure);
  wanted.batch_by := coalesce(create_queue.batch_by, target.batch_by);
  wanted.batch_counts := coalesce(create_queue.batch_counts, target.batch_counts);
  wanted.dedupe_until := coalesce(create_queue.dedupe_until, target.dedupe_until);
  if wanted is distinct from target then
    update supaqueue.queue
    set edge_function_name = wanted.edge_function_name, url = wanted.url, max_attempts = wanted.max_attempts,
      timeout_ms = wanted.timeout_ms, retry_base_ms = wanted.retry_base_ms, retry_max_ms = wanted.retry_max_ms,
      per_key = wanted.per_key, mode = wanted.mode, default_headers = wanted.default_headers,
      batch_size = wanted.batch_size, batch_wait_ms = wanted.batch_wait_ms,
      ordered = wanted.ordered, after_failure = wanted.after_failure,
      batch_by = wanted.batch_by, batch_counts = wanted.batch_counts, dedupe_until = wanted.dedupe_until
    where queue.id = target.id;
  end if;

  has_workers := (select count(*) from supaqueue.worker where worker.queue = target.id);
  if coalesce(create_queue.workers, greatest(has_workers, 1)) <> has_workers then
    perform supaqueue.set_concurrency(target.id::text, coalesce(create_queue.workers, 1));
  end if;
  if create_queue.max_rps is not null and not exists (
    select from supaqueue.rate_limit
    where rate_limit.name = target.rate_limit and rate_limit.name = target.id::text
      and rate_limit.max_rps = create_queue.max_rps
  ) then
    perform supaqueue.set_max_rps(target.id::text, create_queue.max_rps);
  end if;
  return target.id;
end;
$$;

comment on function supaqueue.create_queue(text, text, integer, double precision, text, integer, integer, integer, integer, integer, text, jsonb, integer, integer, text, text, text, text, text) is 'Makes a queue with its workers, or changes it: what you leave out stays as it is.';
