-- Puts a row hook in the place of every Database Webhook, in one transaction. A queue is made for each address, which the hook fills
-- and supaqueue calls. The triggers of the webhooks are switched off, not dropped, so that the way back is one statement for each.
--
-- Run it as postgres, after supaqueue was installed: psql -f database-webhooks.sql. Run again, it takes what has come since.
begin;

do $$
declare
  webhook record;
  arguments text[];
  address text;
  queue_name text;
begin
  for webhook in
    select
      trigger.tgname as name, format('%I.%I', relation.relnamespace::regnamespace, relation.relname) as place, trigger.tgargs as arguments,
      array_remove(array[
        case when trigger.tgtype::integer & 4 > 0 then 'insert' end,
        case when trigger.tgtype::integer & 16 > 0 then 'update' end,
        case when trigger.tgtype::integer & 8 > 0 then 'delete' end
      ], null) as events
    from pg_trigger as trigger
    join pg_class as relation on relation.oid = trigger.tgrelid
    where trigger.tgfoid = to_regprocedure('supabase_functions.http_request()')
      and not trigger.tgisinternal and trigger.tgenabled <> 'D'
    order by trigger.tgname
  loop
    -- url, method, headers, params, timeout in ms, with a zero byte behind each: split between pairs of hexadecimal digits.
    arguments := array(
      select convert_from(decode(replace(argument, ' ', ''), 'hex'), 'UTF8')
      from unnest(string_to_array(regexp_replace(encode(webhook.arguments, 'hex'), '(..)', '\1 ', 'g'), '00 '))
        with ordinality as one (argument, place)
      order by place
    );
    address := arguments[1];
    if arguments[2] <> 'POST' then
      raise warning '% on % calls by %, which has no rows in it: it stays as it is', webhook.name, webhook.place, arguments[2];
      continue;
    end if;

    -- A function of this project is called by its name, and needs no key in a header.
    queue_name := coalesce(substring(address from '/functions/v1/([A-Za-z0-9_-]+)$'), webhook.name);
    if address ~ '/functions/v1/[A-Za-z0-9_-]+$' then
      perform supaqueue.create_queue(queue_name, queue_name, workers => 5);
    else
      perform supaqueue.create_queue(
        queue_name, url => address, workers => 5, timeout_ms => greatest(coalesce(nullif(arguments[5], 'null')::integer, 1000), 1000),
        default_headers => coalesce(nullif(arguments[3], 'null')::jsonb, '{}') - 'Content-Type' - 'Content-type'
      );
    end if;
    perform supaqueue.on_change(webhook.place, queue_name, name => webhook.name, events => webhook.events);
    execute format('alter table %s disable trigger %I', webhook.place, webhook.name);
  end loop;
end
$$;

commit;
