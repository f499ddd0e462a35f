-- hook_changes: the body of a change with no more of the old row than what is another in the new one.

create or replace function supaqueue_internal.hook_changes(body jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(hook_changes.body -> 'record') = 'object' and jsonb_typeof(hook_changes.body -> 'old_record') = 'object' then
      hook_changes.body || jsonb_build_object('old_record', (
        select coalesce(jsonb_object_agg(field.key, field.value), '{}')
        from jsonb_each(hook_changes.body -> 'old_record') as field
        where field.value is distinct from hook_changes.body -> 'record' -> field.key
      ))
    else hook_changes.body
  end
$$;

comment on function supaqueue_internal.hook_changes(jsonb) is 'The body of a change with no more of the old row than what changed.';
