-- check_queue: a queue without a name gets its function's, or its URL's host; a name that
-- cannot be sent is refused while somebody is there to read why. Nulls of a
-- new one take the defaults of their columns: of rows with unlike keys, the Data API writes null
-- where a key is missing. What was said about a pause goes when it ends: the next one may be without an end.
--
-- Security definer: whoever may create a queue may run no other function.

create or replace function supaqueue_internal.check_queue()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, gen_random_uuid());
    new.created_at := coalesce(new.created_at, now());
    new.name := coalesce(new.name, '');
    new.default_headers := coalesce(new.default_headers, '{}');
    new.max_attempts := coalesce(new.max_attempts, 3);
    new.timeout_ms := coalesce(new.timeout_ms, 60000);
    new.retry_base_ms := coalesce(new.retry_base_ms, 1000);
    new.retry_factor := coalesce(new.retry_factor, 2);
    new.retry_max_ms := coalesce(new.retry_max_ms, 60000);
    new.paused := coalesce(new.paused, false);
    new.method := coalesce(new.method, 'POST');
    new.allowed_hosts := coalesce(new.allowed_hosts, '{}');
    new.result_max_bytes := coalesce(new.result_max_bytes, 65536);
    new.keep_success_attempts := coalesce(new.keep_success_attempts, false);
    new.redact := coalesce(new.redact, '{}');
    new.mode := coalesce(new.mode, 'push');
    new.payload_max_bytes := coalesce(new.payload_max_bytes, 1048576);
    new.dedupe_until := coalesce(new.dedupe_until, 'finished');
    new.keep_success := coalesce(new.keep_success, '7 days');
    new.keep_failed := coalesce(new.keep_failed, '30 days');
    new.max_defer_ms := coalesce(new.max_defer_ms, 86400000);
    new.opens := coalesce(new.opens, '{}');
    new.batch_size := coalesce(new.batch_size, 1);
    new.batch_wait_ms := coalesce(new.batch_wait_ms, 0);
    new.batch_counts := coalesce(new.batch_counts, 'jobs');
    new.after_failure := coalesce(new.after_failure, 'block');
  end if;

  if new.name = '' then
    new.name := coalesce(new.edge_function_name, lower(substring(new.url from '(?i)^https?://([^/?#]+)')), '');
  end if;

  -- It goes along as a header, where a letter may take twelve characters. Servers take about 16 kB of headers.
  if (tg_op = 'INSERT' or new.name <> old.name) and length(new.name) > 200 then
    raise exception using
      errcode = 'SQ422',
      message = format('the name of a queue has at most 200 characters, not %s', length(new.name)),
      hint = 'Give it a shorter one. What the function is to know can go into default_headers or the payload.';
  end if;

  if tg_op = 'UPDATE' and old.paused and not new.paused then
    new.paused_until := null;
    new.paused_reason := null;
  end if;

  return new;
end;
$$;

comment on function supaqueue_internal.check_queue() is 'A queue without a name gets that of its function or host; nulls of a new one take defaults.';

drop trigger if exists on_queue_written on supaqueue.queue;
create trigger on_queue_written
  before insert or update on supaqueue.queue
  for each row
  execute function supaqueue_internal.check_queue();
