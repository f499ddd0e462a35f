-- changed_fields: what of a row has changed, as it was and as it is, without what may be secret.
--
-- called by  the triggers of this module
--
-- `was` or `is_now` is null when the row came or went: then all of the other that is not null. Of headers no
-- value is shown: people write keys into them. Of a URL nothing behind its question mark is.

create or replace function supaqueue_internal.changed_fields(was jsonb, is_now jsonb, out before jsonb, out after jsonb)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    jsonb_object_agg(field.name, supaqueue_internal.without_secrets(field.name, changed_fields.was -> field.name))
      filter (where changed_fields.was -> field.name <> 'null'),
    jsonb_object_agg(field.name, supaqueue_internal.without_secrets(field.name, changed_fields.is_now -> field.name))
      filter (where changed_fields.is_now -> field.name <> 'null')
  from jsonb_object_keys(coalesce(changed_fields.was, '{}') || coalesce(changed_fields.is_now, '{}')) as field (name)
  where changed_fields.was -> field.name is distinct from changed_fields.is_now -> field.name
$$;

comment on function supaqueue_internal.changed_fields(jsonb, jsonb) is 'What of a row has changed, as it was and as it is.';
