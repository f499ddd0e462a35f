-- hook_merge: two changes of a row as one: what it was before the first, and what it is after the last.
--
-- called by  the functions of hooks that coalesce, for a job that waits
--
-- A row that came and changed, came; one that went and came again, changed; one that came and went, went, and the old
-- record is the last there was: the function may have seen it, when an earlier job failed halfway. That it came meanwhile is
-- said (hook-came), for it may come again.
-- Headers are of the last change. Besides they say how many it took in and when the first was; it was the hook's own
-- function that wrote, or a backfill, when that is true of all; the chain is as long as the longest.

create or replace function supaqueue_internal.hook_merge(
  first jsonb, first_origin jsonb, last jsonb, last_origin jsonb, keys text[], most integer, out payload jsonb, out origin jsonb
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  was constant boolean := first ->> 'type' <> 'INSERT' and not first_origin ? 'hook-came';
  stays constant boolean := last ->> 'type' <> 'DELETE';
  mark text := last_origin ->> 'hook-payload';
  lesser jsonb;
begin
  payload := last || jsonb_build_object(
    'type', case when not stays then 'DELETE' when was then 'UPDATE' else 'INSERT' end,
    'record', case when stays then last -> 'record' end,
    'old_record', case when was then first -> 'old_record' when not stays then last -> 'old_record' end
  );
  if mark = 'changes' and was then
    -- Each says only what changed then.
    if jsonb_typeof(last -> 'old_record') = 'object' and jsonb_typeof(first -> 'old_record') = 'object' then
      payload := payload || jsonb_build_object('old_record', (last -> 'old_record') || (first -> 'old_record'));
    end if;
    payload := supaqueue_internal.hook_changes(payload);
  end if;
  if was and mark is distinct from 'none' and first_origin ->> 'hook-payload' = any ('{keys, none}') then
    mark := 'keys';
  end if;

  origin := (last_origin - '{hook-own, hook-backfill, hook-changed, hook-payload, hook-came}'::text[]) || jsonb_strip_nulls(jsonb_build_object(
    'hook-payload', mark,
    'hook-came', case when not was and not stays then 'yes' end,
    'hook-merged', (coalesce((first_origin ->> 'hook-merged')::bigint, 1) + 1)::text,
    'hook-first-at', coalesce(first_origin -> 'hook-first-at', first_origin -> 'hook-at'),
    'hook-own', case when first_origin ? 'hook-own' then last_origin -> 'hook-own' end,
    'hook-backfill', case when first_origin ? 'hook-backfill' then last_origin -> 'hook-backfill' end,
    'hook-depth', greatest((first_origin ->> 'hook-depth')::integer, (last_origin ->> 'hook-depth')::integer)::text,
    -- What the write has told, where only keys are sent. What a header may have at most.
    'hook-changed', (
      select case when sum(octet_length(field.name) + 1) <= 4000 then string_agg(field.name, ',' order by field.name) end
      from (
        select unnest(string_to_array(first_origin ->> 'hook-changed', ',') || string_to_array(last_origin ->> 'hook-changed', ','))
        where was and stays
        group by 1
      ) as field (name)
    )
  ));

  lesser := supaqueue_internal.hook_fit(payload, keys, most);
  if lesser is not null then
    payload := lesser -> 'body';
    origin := origin || (lesser -> 'origin');
  end if;
end;
$$;

comment on function supaqueue_internal.hook_merge(jsonb, jsonb, jsonb, jsonb, text[], integer) is 'Two changes of a row as one.';
