-- hardly_wait: once something could not have a lock in time, what follows in this turn or sweep hardly waits for one.
--
-- called by  whoever catches an error there; `code` says which
-- writes     the setting lock_timeout, until the function that has set it ends
--
-- What holds up one row likely holds up many, and what locks a table many chores: each would wait as long. In a user's
-- own transaction it does nothing.

create or replace function supaqueue_internal.hardly_wait(code text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select set_config('lock_timeout', '20ms', true)
  where hardly_wait.code = '55P03' and current_setting('supaqueue.own_commit', true) = 'yes'
$$;

comment on function supaqueue_internal.hardly_wait(text) is 'Once something could not have a lock in time, what follows in this turn or sweep hardly waits for one.';
