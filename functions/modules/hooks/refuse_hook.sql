-- refuse_hook: there is no such hook.
--
-- called by  whoever is given the name of a hook
--
-- Errors: SQ404, always.

create or replace function supaqueue_internal.refuse_hook(name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'SQ404',
    message = format('there is no hook %s', coalesce(quote_literal(refuse_hook.name), 'null')),
    hint = 'Nothing was changed. ' || coalesce(
      'Is it one of these: ' || (select string_agg(quote_literal(hook.name), ', ') from (select hook.name from supaqueue.hook order by hook.name limit 5) as hook) || '?',
      'There is none at all: supaqueue.on_change makes one.'
    );
end;
$$;

comment on function supaqueue_internal.refuse_hook(text) is 'Says that there is no such hook.';
