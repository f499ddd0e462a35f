-- switch_hook: a hook captures nothing from now on, or captures again.
--
-- writes     supaqueue.hook
--
-- Returns {was, since}: whether it captured until now, and since when it does not. Errors: SQ404.
--
-- Security definer: nobody but the owner writes hooks, and this writes nothing of what they run.

create or replace function supaqueue_internal.switch_hook(name text, enabled boolean, reason text default null)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known supaqueue.hook;
  since timestamptz;
begin
  select hook.* into known from supaqueue.hook where hook.name = switch_hook.name for update;
  if known.id is null then
    perform supaqueue_internal.refuse_hook(switch_hook.name);
  end if;
  if not switch_hook.enabled then
    since := coalesce(known.off_since, clock_timestamp());
    update supaqueue.hook set enabled = false, off_since = since, off_reason = switch_hook.reason where hook.id = known.id;
  elsif not known.enabled then
    update supaqueue.hook set enabled = true, off_since = null, off_reason = null where hook.id = known.id;
  end if;
  return jsonb_build_object('was', known.enabled, 'since', since);
end;
$$;

comment on function supaqueue_internal.switch_hook(text, boolean, text) is 'A hook captures nothing from now on, or captures again.';
