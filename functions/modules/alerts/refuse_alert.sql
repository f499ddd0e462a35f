-- refuse_alert: says that there is no alert rule of a name, and which there are.
--
-- reads      supaqueue.alert_rule

create or replace function supaqueue_internal.refuse_alert(name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text := (
    select string_agg(quote_literal(left(one.name, 40)), ', ' order by one.name)
    from (select alert_rule.name from supaqueue.alert_rule order by alert_rule.name limit 10) as one
  );
begin
  raise exception using
    errcode = 'SQ404',
    message = format('there is no alert rule %s', quote_nullable(left(refuse_alert.name, 100))),
    hint = 'Nothing was changed. ' || coalesce('Rules are ' || known || '.', 'No rule is set.');
end;
$$;

comment on function supaqueue_internal.refuse_alert(text) is 'Says that there is no alert rule of a name, and which there are.';
