-- hook_fit: what a queue takes of a change that is not plainly small.
--
-- Null: all of it. Otherwise {body, origin}: the body with no more than the keys, or without any row where not even those
-- fit, and what the headers say of it. A `wide` one was not written out, and has only its keys.

create or replace function supaqueue_internal.hook_fit(body jsonb, keys text[], most integer, wide boolean default false)
returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  lesser jsonb;
begin
  if not hook_fit.wide and supaqueue_internal.json_fault(hook_fit.body) is null
    and supaqueue_internal.oversize(hook_fit.body, hook_fit.most) is null
  then
    return null;
  end if;
  -- Of a row that is changed, the old one has the same keys, though `changes` has left them out of its body.
  select hook_fit.body || jsonb_object_agg(side.name, case
    when jsonb_typeof(hook_fit.body -> side.name) = 'object' and hook_fit.keys <> '{}' then (
      select jsonb_object_agg(key, coalesce(hook_fit.body -> side.name -> key, hook_fit.body -> 'record' -> key))
      from unnest(hook_fit.keys) as key
    )
  end)
  into lesser
  from unnest('{record, old_record}'::text[]) as side (name);
  if supaqueue_internal.json_fault(lesser) is null and supaqueue_internal.oversize(lesser, hook_fit.most) is null then
    return jsonb_build_object('body', lesser, 'origin', jsonb_build_object('hook-payload', case when hook_fit.keys = '{}' then 'none' else 'keys' end));
  end if;
  return jsonb_build_object('body', hook_fit.body || '{"record": null, "old_record": null}', 'origin', '{"hook-payload": "none"}'::jsonb);
end;
$$;

comment on function supaqueue_internal.hook_fit(jsonb, text[], integer, boolean) is 'What a queue takes of a change that is not plainly small. Null: all of it.';
