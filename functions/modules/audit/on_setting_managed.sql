-- on_setting_managed: a setting was made, changed or taken away: who did it is written down.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_setting_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and (new.name, new.value) = (old.name, old.value) then
    return null;
  end if;
  perform supaqueue_internal.note_act(
    'change setting',
    before => case when tg_op <> 'INSERT' then jsonb_build_object(old.name, left(old.value, 500)) end,
    after => case when tg_op <> 'DELETE' then jsonb_build_object(new.name, left(new.value, 500)) end
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_setting_managed() is 'A setting was made, changed or taken away: writes down who did it.';

drop trigger if exists on_setting_managed on supaqueue.setting;
create trigger on_setting_managed
  after insert or update or delete on supaqueue.setting
  for each row
  execute function supaqueue_internal.on_setting_managed();
