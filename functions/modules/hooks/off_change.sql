-- off_change: a hook is no more.
--
-- called by  users, in a migration
-- writes     supaqueue.hook; drops what write_hook made
--
-- Jobs that it made stay. Returns whether there was one. Errors: SQ423 its table stays locked.

create or replace function supaqueue.off_change(name text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  gone supaqueue.hook;
begin
  delete from supaqueue.hook where hook.name = off_change.name returning * into gone;
  if gone.id is null then
    return false;
  end if;
  begin
    perform supaqueue_internal.drop_hook(gone.id);
  exception when lock_not_available then
    raise exception using
      errcode = 'SQ423',
      message = format('the table %I.%I is in use, and the hook could not be taken from it', gone.schema_name, gone.table_name),
      hint = 'Nothing was changed. To capture nothing from now on: select supaqueue.pause_hook(...). To see what is in the way: select * from pg_stat_activity where state like ''idle in transaction%'' order by xact_start;';
  end;
  return true;
end;
$$;

comment on function supaqueue.off_change(text) is 'For the owner alone: removes a hook. Returns whether there was one.';
