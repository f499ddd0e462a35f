-- adopt_webhooks: the hooks that do what the project's Database Webhooks do.
--
-- called by  users, the program
-- reads      pg_trigger: the triggers on supabase_functions.http_request
-- writes     nothing, unless `dry_run` is false: then queues, hooks, and the triggers are switched off
--
-- A list, by table and name, of {name, table, calls, enabled, statements, afterwards, notes, refused}: what is to be run, what to
-- drop once the hook works, and what no statement says. A webhook that no hook can replace has no statements, and a note that says
-- why. Values of headers are never shown, for there may be a key among them: a queue takes them from Vault, by `vault:<name>`. A
-- webhook that is switched off is not touched.
-- Each by itself: of one that is refused, nothing is done, `refused` says {code, message, hint}, and the others go on. A dry run
-- says of what table no hook can be.
--
-- Webhooks share a queue where they call the same with the same headers, for these are the queue's. No hook and no queue that is
-- something else already is written over: the next free name is taken. A queue that is there keeps its workers and its timeout.

create or replace function supaqueue.adopt_webhooks(dry_run boolean default true)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  own constant text := (select setting.value from supaqueue.setting where setting.name = 'functions_url');
  listed jsonb := '[]';
  webhook record;
  arguments text[];
  function_name text;
  headers jsonb;
  sent text[];
  calls jsonb;
  hook_name text;
  queue_name text;
  hooks text[] := '{}';
  -- By its name, what a queue of this list calls, and with which headers.
  queues jsonb := '{}';
  is_new boolean;
  made text[] := '{}';
  plain_name text;
  long_name text;
  statements text[];
  notes text[];
  statement text;
  refused jsonb;
  refused_code text;
  refused_message text;
  refused_hint text;
begin
  for webhook in
    select
      pg_trigger.tgname::text as name, pg_class.relname::text as table_name, pg_trigger.tgtype::integer as kind, pg_trigger.tgargs,
      format('%I.%I', pg_namespace.nspname, pg_class.relname) as place, pg_trigger.tgenabled <> 'D' as enabled,
      substring(pg_get_triggerdef(pg_trigger.oid) from ' WHEN \((.*)\) EXECUTE FUNCTION ') as condition,
      (
        select array_agg(pg_attribute.attname::text order by pg_attribute.attnum)
        from pg_attribute
        where pg_attribute.attrelid = pg_trigger.tgrelid and pg_attribute.attnum = any (pg_trigger.tgattr::smallint[])
      ) as columns,
      count(*) over (partition by pg_trigger.tgname) > 1 as twice
    from pg_trigger
    join pg_class on pg_class.oid = pg_trigger.tgrelid
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_trigger.tgfoid = to_regprocedure('supabase_functions.http_request()') and not pg_trigger.tgisinternal and pg_trigger.tgparentid = 0
    order by place, name
  loop
    -- url, method, headers, params, milliseconds, with a zero byte behind each: split between pairs of hexadecimal digits.
    arguments := array(
      select convert_from(decode(replace(part.argument, ' ', ''), 'hex'), 'utf8')
      from unnest(string_to_array(regexp_replace(encode(webhook.tgargs, 'hex'), '(..)', '\1 ', 'g'), '00 ')) with ordinality as part (argument, place)
      order by part.place
    );
    -- A function of this project is called by its name. Another project's is a URL.
    function_name := case
      when substring(arguments[1] from '^https?://([^/:]+)') in (substring(own from '^https?://([^/:]+)'), 'host.docker.internal', 'kong', 'localhost', '127.0.0.1')
        then substring(arguments[1] from '/functions/v1/([a-zA-Z0-9_-]+)/?$')
    end;
    headers := '{}';
    begin
      headers := coalesce((
        select jsonb_object_agg(header.key, header.value)
        from jsonb_each(coalesce(nullif(arguments[3], 'null'), '{}')::jsonb) as header
        where lower(header.key) <> 'content-type' and not (function_name is not null and lower(header.key) in ('authorization', 'apikey'))
      ), '{}');
    exception when assert_failure or others then
      null;
    end;
    sent := array(select header.name from jsonb_object_keys(headers) as header (name) order by header.name);
    calls := jsonb_build_array(function_name, case when function_name is null then arguments[1] end, arguments[4], headers);
    plain_name := btrim(left(regexp_replace(webhook.name, '[^ -~]+', '_', 'g'), 63));
    long_name := left(concat(regexp_replace(webhook.table_name, '[^ -~]+', '_', 'g'), '_', plain_name), 63);

    select candidate.name into hook_name
    from (
      select plain_name as name, 1 as place where not webhook.twice
      union all select long_name, 2
      union all select concat(left(long_name, 58), '_', number), number + 1 from generate_series(2, 999) as number
    ) as candidate
    where candidate.name <> all (hooks) and not exists (
      select from supaqueue.hook
      where hook.name = candidate.name and format('%I.%I', hook.schema_name, hook.table_name) <> webhook.place
    )
    order by candidate.place
    limit 1;

    select candidate.name into queue_name
    from (
      select function_name as name, 1 as place where function_name is not null
      union all select plain_name, 2
      union all select hook_name, 3
      union all select concat(left(hook_name, 58), '_', number), number + 2 from generate_series(2, 999) as number
    ) as candidate
    where coalesce(queues -> candidate.name, calls) = calls and not exists (
      select from supaqueue.queue
      where queue.name = candidate.name and (
        queue.edge_function_name is distinct from function_name or queue.url is distinct from case when function_name is null then arguments[1] end
        or queue.mode <> 'push' or queue.batch_size > 1
        or not queues ? candidate.name and not queue.default_headers @> (
          select coalesce(jsonb_object_agg(header, 'vault:' || supaqueue_internal.header_secret(candidate.name, header)), '{}') from unnest(sent) as header
        )
      )
    )
    order by candidate.place
    limit 1;
    is_new := queue_name <> all (made) and not exists (select from supaqueue.queue where queue.name = queue_name);
    notes := array_remove(array[
      case when arguments[2] is distinct from 'POST' then format('it calls by %s, which has no rows in it: it stays as it is', coalesce(arguments[2], 'nothing')) end,
      case when webhook.kind & 1 = 0 then 'it is one for a statement, which has no rows in it: it stays as it is' end,
      case when coalesce(nullif(arguments[4], 'null'), '{}') <> '{}' then 'it sends parameters in its URL: write them behind the url of the queue' end,
      case when sent <> '{}' then format('it sends %s: put each value into Vault, by ', array_to_string(sent, ', ')) || (
        select string_agg(
          format('select vault.create_secret(''<value of %s>'', %L);', header, supaqueue_internal.header_secret(queue_name, header)), ' ' order by header
        )
        from unnest(sent) as header
      ) end
    ], null);
    statements := '{}';
    refused := null;
    if arguments[2] = 'POST' and webhook.kind & 1 = 1 then
      statements := array[
        format(
          'select supaqueue.create_queue(%L, %s%s%s);', queue_name,
          case when function_name is not null then quote_literal(function_name) else 'url => ' || quote_literal(arguments[1]) end,
          case when is_new then ', workers => 5' end,
          case when is_new and function_name is null and arguments[5] ~ '^[0-9]{4,6}$' then ', timeout_ms => ' || least(arguments[5]::integer, 400000) end
        )
      ] || case when sent <> '{}' then array[
        format(
          'update supaqueue.queue set default_headers = default_headers || %L where name = %L;',
          (select jsonb_object_agg(header, 'vault:' || supaqueue_internal.header_secret(queue_name, header)) from unnest(sent) as header), queue_name
        )
      ] else '{}'::text[] end || array[
        format(
          'select supaqueue.on_change(%L, %L, name => %L, events => %L%s%s);', webhook.place, queue_name,
          hook_name,
          array_remove(array[
            case when webhook.kind & 4 > 0 then 'insert' end, case when webhook.kind & 16 > 0 then 'update' end, case when webhook.kind & 8 > 0 then 'delete' end
          ], null),
          ', columns => ' || quote_literal(webhook.columns), ', "when" => ' || quote_literal(webhook.condition)
        ),
        format('alter table %s disable trigger %I;', webhook.place, webhook.name)
      ];
      begin
        perform supaqueue_internal.find_hook_table(webhook.place);
        if not adopt_webhooks.dry_run and webhook.enabled then
          foreach statement in array statements loop
            execute statement;
          end loop;
        end if;
        hooks := hooks || hook_name;
        queues := queues || jsonb_build_object(queue_name, calls);
        if webhook.enabled then
          made := made || queue_name;
        end if;
      exception when assert_failure or others then
        get stacked diagnostics refused_code = returned_sqlstate, refused_message = message_text, refused_hint = pg_exception_hint;
        refused := jsonb_build_object('code', refused_code, 'message', refused_message, 'hint', refused_hint);
      end;
    end if;
    listed := listed || jsonb_build_object(
      'name', webhook.name, 'table', webhook.place, 'enabled', webhook.enabled,
      'calls', case when function_name is not null then 'the function ' || function_name else regexp_replace(arguments[1], '[?#].*$', '') end,
      'statements', to_jsonb(statements),
      'afterwards', case when statements <> '{}' then format('drop trigger %I on %s;', webhook.name, webhook.place) end,
      'notes', to_jsonb(notes),
      'refused', refused
    );
  end loop;
  return listed;
end;
$$;

comment on function supaqueue.adopt_webhooks(boolean) is 'For the owner alone: replaces Database Webhooks by hooks, unless it is a dry run.';
